import { removeCache } from './bench';

// A root hook: what builds of several files share goes when the last one has ended.
after(removeCache);
