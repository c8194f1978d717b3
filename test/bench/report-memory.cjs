'use strict';
// Loaded into a measured process: says at its end how much memory it took at most, in KiB, to the file that is named.
process.on('exit', () => {
  require('node:fs').writeFileSync(process.env.PIGEN_BENCH_MEMORY, String(process.resourceUsage().maxRSS));
});
