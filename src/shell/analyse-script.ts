import type { Place } from '../pigen/tree/stage-tree';
import type { Span } from '../pigen/text';
import type { BashParser } from './bash-parser';
import { embeddedPrograms } from './embedded-programs';
import type { EmbeddedProgram } from './embedded-programs';
import type { OffsetMap } from './offset-map';
import type { Command, Heredoc, HostExpansion, Script } from './script';
import type { SyntaxNode } from './syntax-node';
import { setVariables } from './set-variables';
import type { SetVariables } from './set-variables';

/** Programs inside programs are followed so far; nobody nests deeper. */
const deepest = 20;

/**
 * Reads a script and every program inside it. `place` is where the file itself runs. Never throws on any text, as long as
 * the parser lives. The same parser makes it quick after an edit: it remembers what it parsed before.
 */
export function analyseScript(parser: BashParser, text: string, place: Place): Script {
  return new Program(parser, { text, place, source: 'file' }, undefined, 0);
}

type Origin =
  | EmbeddedProgram
  | {
      readonly text: string;
      readonly place: Place;
      readonly source: 'file';
      readonly runBy?: undefined;
      readonly heredoc?: undefined;
      readonly map?: undefined;
      readonly hostExpansions?: undefined;
    };

class Program implements Script {
  readonly text: string;
  readonly place: Place;
  readonly source: Script['source'];
  readonly runBy: Command | undefined;
  readonly heredoc: Heredoc | undefined;
  readonly hostExpansions: readonly HostExpansion[];
  readonly root: SyntaxNode;
  readonly commands: readonly Command[];
  readonly functions: ReadonlySet<string>;
  readonly heredocs: readonly Heredoc[];
  readonly comments: readonly Span[];
  readonly embedded: readonly Script[];
  readonly #map: OffsetMap | undefined;
  #variables: SetVariables | undefined;

  constructor(
    parser: BashParser,
    origin: Origin,
    readonly parent: Script | undefined,
    depth: number,
  ) {
    this.text = origin.text;
    this.place = origin.place;
    this.source = origin.source;
    this.runBy = origin.runBy;
    this.heredoc = origin.heredoc;
    this.hostExpansions = origin.hostExpansions ?? [];
    this.#map = origin.map;

    const read = parser.read(this.text);
    this.heredocs = read.scanned.heredocs;
    this.comments = read.scanned.comments;
    this.root = read.root;
    const { commands, functions } = read.commands(this.hostExpansions);
    this.commands = commands;
    this.functions = functions;
    const embedded: Script[] = [];
    if (depth < deepest) {
      for (const command of commands) {
        for (const program of embeddedPrograms(this, command)) {
          embedded.push(new Program(parser, program, this, depth + 1));
        }
      }
    }
    this.embedded = embedded;
  }

  get variables(): SetVariables {
    this.#variables ??= setVariables(this);
    return this.#variables;
  }

  toFile(offset: number): number {
    if (this.#map === undefined || this.parent === undefined) return offset;
    return this.parent.toFile(this.#map.toOuter(offset));
  }

  toFileSpan(span: Span): Span {
    if (this.#map === undefined || this.parent === undefined) return span;
    return this.parent.toFileSpan(this.#map.toOuterSpan(span));
  }
}
