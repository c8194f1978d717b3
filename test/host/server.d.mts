export interface ServerOptions {
  /** User settings of the workbench, over those that keep it quiet. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Lets tests run in the extension host: the workbench then accepts `payload` in its address, and shows no toasts. */
  readonly driver?: boolean;
  /** A free one by default. */
  readonly port?: number;
  /** Added to the environment of the server and of its extension hosts. */
  readonly env?: Readonly<Record<string, string>>;
  /** Unpacked extensions to install, by link. */
  readonly extensions?: readonly { readonly id: string; readonly folder: string }[];
}

export interface Server {
  readonly port: number;
  /** Of this run; every request needs it. */
  readonly token: string;
  /** Holds the server's data and logs. */
  readonly dataFolder: string;
  /** The last lines that the server printed. */
  readonly output: () => string;
  /** When the server process is gone, for whatever reason. */
  readonly ended: Promise<void>;
  /** Ends the server with all its children at once, without a chance to say anything. */
  readonly kill: () => void;
  /** Ends the server with all its children and removes its data. */
  readonly stop: () => Promise<void>;
}

export function startServer(options?: ServerOptions): Promise<Server>;
export function addressOf(
  server: Server,
  what: { readonly workspace: string; readonly payload?: readonly (readonly [string, string])[] },
): string;
export function remoteUri(server: Server, file: string): string;
