import * as vscode from 'vscode';
import { spreadBuilds } from '../../build/spread-builds';
import type { FileSystem } from '../../pigen/files/file-system';
import type { BuildPlace } from './build-place';
import type { ImageOptions } from './build-feature';
import { chooseEngines } from './choose-engines';
import type { JobEnd, WindowBuilds } from './window-builds';

interface SeveralParts {
  readonly disk: FileSystem;
  readonly memory: vscode.Memento;
  readonly window: WindowBuilds;
}

/** What was chosen and is not begun yet. Plain data. */
interface WaitingBuilds {
  readonly places: readonly BuildPlace[];
  readonly engines: readonly string[];
  readonly options: ImageOptions;
}

/** Its name in the workspace's memory. */
const memoryKey = 'pi-gen.waitingBuilds';

/**
 * Builds several images: on one engine one after the other, on several as many at once as there are engines. What is not begun
 * when the window goes away is offered by the next one.
 */
export class SeveralBuilds {
  #hasLooked = false;
  /** Rounds that are under way. */
  #running = 0;

  /** @param build builds one, and tells of it */
  constructor(
    private readonly parts: SeveralParts,
    private readonly build: (place: BuildPlace, options: ImageOptions) => Promise<JobEnd>,
  ) {}

  /** Asks for the engines where there is a choice, and builds. Never rejects. */
  async start(places: readonly BuildPlace[], options: ImageOptions): Promise<void> {
    const [first] = places;
    if (first === undefined) return;
    const { disk, memory } = this.parts;
    const root = first.repositoryRoot ?? first.treeRoot;
    const engines = await chooseEngines(disk, root, places.length, memory);
    if (engines === undefined || this.parts.window.isBusy()) return;
    this.parts.window.newRound();
    await this.#run({ places, engines, options });
  }

  /** Offers what an earlier window has not begun. Looks once. */
  async offerWaiting(): Promise<void> {
    if (this.#hasLooked) return;
    this.#hasLooked = true;
    const waiting = this.parts.memory.get<WaitingBuilds>(memoryKey);
    if (waiting === undefined || waiting.places.length === 0) return;
    // It stays remembered until it is begun or declined: this window may go away, too.
    const isDeclined = await this.#offer(
      waiting,
      vscode.l10n.t('The window went away before these images were begun: {0}.', namesOf(waiting.places)),
    );
    if (isDeclined && this.#running === 0) await this.#remember(undefined);
  }

  async #run(builds: WaitingBuilds): Promise<void> {
    this.#running++;
    try {
      await this.#carryOut(builds);
    } finally {
      this.#running--;
    }
  }

  async #carryOut({ places, engines, options }: WaitingBuilds): Promise<void> {
    const { left } = await spreadBuilds(
      places,
      engines,
      (place, engine) => this.build(engine === '' ? place : { ...place, engine }, options),
      { onLeft: (waiting) => this.#remember({ places: waiting, engines, options }) },
    );
    if (this.parts.window.isLeaving) {
      await this.#remember({ places: left, engines, options });
      return;
    }
    await this.#remember(undefined);
    if (left.length > 0) {
      const text = vscode.l10n.t('These images were not begun: {0}.', namesOf(left));
      void this.#offer({ places: left, engines, options }, text);
    }
  }

  /** Gives whether the user does not want it. */
  async #offer(waiting: WaitingBuilds, text: string): Promise<boolean> {
    const build = vscode.l10n.t('Build Them');
    if ((await vscode.window.showInformationMessage(text, build)) !== build) return true;
    // What was taken up of the same round is on these engines, and what it says of the user's files stands.
    await this.parts.window.idle();
    if (!this.parts.window.isBusy()) await this.#run(waiting);
    return false;
  }

  async #remember(waiting: WaitingBuilds | undefined): Promise<void> {
    const places = waiting?.places ?? [];
    const { memory } = this.parts;
    if (places.length === 0 && memory.get(memoryKey) === undefined) return;
    await memory.update(memoryKey, places.length === 0 ? undefined : { ...waiting, places: [...places] });
  }
}

function namesOf(places: readonly BuildPlace[]): string {
  return places.map(({ name, treeRoot }) => name ?? treeRoot).join(', ');
}
