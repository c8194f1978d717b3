import type { ImageProgress } from './engine';

/** A message of the engine's image build; undefined where it tells nothing that is shown. */
export function progressOf(message: Record<string, unknown>): ImageProgress | undefined {
  const text = (name: string) => (typeof message[name] === 'string' ? message[name] : undefined);
  const error = text('error');
  if (error !== undefined) return { kind: 'error', message: error };
  const output = text('stream');
  if (output !== undefined) return { kind: 'output', text: output };
  const status = text('status');
  if (status !== undefined) {
    const id = text('id');
    const progress = text('progress');
    const whole = [id === undefined ? status : `${id}: ${status}`, progress].filter(
      (part) => part !== undefined,
    );
    return { kind: 'status', text: whole.join(' ') };
  }
  const detail = message['aux'];
  if (typeof detail === 'object' && detail !== null && 'ID' in detail && typeof detail.ID === 'string') {
    return { kind: 'image', id: detail.ID };
  }
  return undefined;
}
