export function ensureBaseImages(host: string): Promise<void>;
export function mirror(): Promise<string>;
