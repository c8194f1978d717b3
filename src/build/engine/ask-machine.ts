import type { Engine } from './engine';

/**
 * Asks an engine for what machine it runs on (EngineInfo.machine), so that other work goes on meanwhile; who awaits the answer is
 * told of a failure, as Engine.info() rejects. From then on, of an engine that hangs, `signal` lets go whatever it was asked.
 */
export function askMachine(engine: Pick<Engine, 'info' | 'answers'>, signal: AbortSignal): Promise<string> {
  const machine = engine.info(signal).then((info) => {
    signal.addEventListener('abort', () => void engine.answers(), { once: true });
    return info.machine;
  });
  machine.catch(() => undefined);
  return machine;
}
