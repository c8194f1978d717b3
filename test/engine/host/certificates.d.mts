export function makeCertificates(folder: string): Promise<void>;
