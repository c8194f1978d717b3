/** Root may read and write everything, so it becomes somebody else for a while. */
export async function asNobody(check: () => Promise<void>): Promise<void> {
  const isRoot = process.geteuid?.() === 0;
  if (isRoot) process.seteuid?.(65534);
  try {
    await check();
  } finally {
    if (isRoot) process.seteuid?.(0);
  }
}
