import type { Place, Prerun, Stage, Step, SubStage } from '../../pigen/tree/stage-tree';
import { LineIndex } from '../../pigen/text';
import { analyseScript } from '../../shell/analyse-script';
import type { BashParser } from '../../shell/bash-parser';
import type { Script } from '../../shell/script';
import type { ScriptFile } from '../rule';
import type { ScriptSlot } from './script-slots';

/** A text with its syntax, which is read when it is first asked for: many a script gives no rule a reason to. */
export class ScriptSource {
  #lines: LineIndex | undefined;
  #script: Script | undefined;

  readonly text: string;
  readonly upstream: boolean;

  constructor(
    { text, upstream }: { readonly text: string; readonly upstream: boolean },
    readonly place: Place,
    private readonly parser: () => BashParser,
  ) {
    this.text = text;
    this.upstream = upstream;
  }

  get lines(): LineIndex {
    return (this.#lines ??= new LineIndex(this.text));
  }

  get script(): Script {
    return (this.#script ??= analyseScript(this.parser(), this.text, this.place));
  }
}

/** A script in its place in the tree. */
export class SlotScript implements ScriptFile {
  constructor(
    readonly slot: ScriptSlot,
    readonly source: ScriptSource,
  ) {}

  get path(): string {
    return this.slot.path;
  }

  get text(): string {
    return this.source.text;
  }

  get upstream(): boolean {
    return this.source.upstream;
  }

  get place(): Place {
    return this.slot.place;
  }

  get stage(): Stage | undefined {
    return this.slot.stage;
  }

  get subStage(): SubStage | undefined {
    return this.slot.subStage;
  }

  get step(): Step | Prerun {
    return this.slot.step;
  }

  get isPrerun(): boolean {
    return this.slot.stage !== undefined && this.slot.subStage === undefined;
  }

  get isPostrun(): boolean {
    return this.slot.stage === undefined;
  }

  get lines(): LineIndex {
    return this.source.lines;
  }

  get script(): Script {
    return this.source.script;
  }
}
