/**
 * Carries out tasks with several workers, as many at once as there are workers: each takes the next task when it is done
 * with one. Gives the results in the order of the tasks. Where one is rejected, no further task is begun, those that run are
 * waited for, and the first reason is thrown.
 */
export async function spread<Task, Worker, Result>(
  tasks: readonly Task[],
  workers: readonly Worker[],
  carryOut: (task: Task, worker: Worker) => Promise<Result>,
): Promise<readonly Result[]> {
  const results: Result[] = [];
  const left = tasks.entries();
  const reasons: unknown[] = [];
  const work = async (worker: Worker): Promise<void> => {
    for (const [index, task] of left) {
      if (reasons.length > 0) return;
      try {
        results[index] = await carryOut(task, worker);
      } catch (error) {
        reasons.push(error);
      }
    }
  };
  await Promise.all(workers.map(work));
  if (reasons.length > 0) throw reasons[0];
  return results;
}
