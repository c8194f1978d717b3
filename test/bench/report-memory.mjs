// Loaded into a measured process: says at its end how much memory it took at most, in KiB, to the file that is named.
import { writeFileSync } from 'node:fs';

process.on('exit', () => {
  writeFileSync(String(process.env['PIGEN_BENCH_MEMORY']), String(process.resourceUsage().maxRSS));
});
