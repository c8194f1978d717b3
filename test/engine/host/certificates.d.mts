export function makeCertificates(folder: string, server?: string): Promise<void>;
