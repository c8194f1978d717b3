// Certificates for a server behind TLS, made anew for each run: one authority, the server's own, and a client's.
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { run } from './run.mjs';

/**
 * Writes ca.pem, server-cert.pem, server-key.pem, cert.pem and key.pem.
 * @param {string} folder
 * @param {string} [server] what the server is reached by: a subjectAltName of X.509
 */
export async function makeCertificates(folder, server = 'IP:127.0.0.1') {
  const at = (/** @type {string} */ name) => path.join(folder, name);
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  await run('openssl', [
    ...['req', '-x509', ...key, '-days', '2', '-subj', '/CN=test authority'],
    ...['-keyout', at('ca-key.pem'), '-out', at('ca.pem')],
  ]);
  const kinds = [
    { name: 'server-', extensions: `subjectAltName=${server}\nextendedKeyUsage=serverAuth\n` },
    { name: '', extensions: 'extendedKeyUsage=clientAuth\n' },
  ];
  for (const { name, extensions } of kinds) {
    const request = at(`${name}request.pem`);
    await writeFile(at(`${name}extensions`), extensions);
    await run('openssl', [
      'req',
      ...key,
      '-subj',
      '/CN=test',
      '-keyout',
      at(`${name}key.pem`),
      '-out',
      request,
    ]);
    await run('openssl', [
      ...['x509', '-req', '-in', request, '-CA', at('ca.pem'), '-CAkey', at('ca-key.pem'), '-CAcreateserial'],
      ...['-days', '2', '-extfile', at(`${name}extensions`), '-out', at(`${name}cert.pem`)],
    ]);
  }
}
