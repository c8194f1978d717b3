import type { BuildTimeline } from '../../build/timeline/build-timeline';
import type { TimelineWords } from '../../build/timeline/timeline-words';

/** Words of the page around the timeline. */
export interface PageWords {
  readonly chooseBuild: string;
  readonly showTable: string;
  readonly showChart: string;
  readonly exportSvg: string;
  readonly exportJson: string;
  readonly nothing: string;
  readonly help: string;
}

/** What the page shows. Plain data. */
export interface TimelineView {
  /** Of the tree, kept by the page so that a later window knows what it was of. */
  readonly root: string;
  /** Undefined: nothing was built yet. */
  readonly build: BuildTimeline | undefined;
  readonly last: BuildTimeline | undefined;
  /** What can be chosen, the newest first. */
  readonly builds: readonly Pick<BuildTimeline, 'id' | 'variant' | 'began' | 'outcome'>[];
  /** What is amiss with what was kept of earlier builds. */
  readonly problem: string | undefined;
}

/** To the page. */
export interface ToPage {
  readonly view: TimelineView;
  readonly words: TimelineWords;
  readonly pageWords: PageWords;
  /** Of the editor, as BCP 47 writes it. */
  readonly language: string;
}

/** From the page. */
export type FromPage =
  | { readonly type: 'ready' }
  /** Opens the file of a row. */
  | { readonly type: 'open'; readonly key: string }
  | { readonly type: 'choose'; readonly id: string }
  | { readonly type: 'export'; readonly format: 'svg' | 'json' }
  /** The page's own policy kept something from being loaded: none of it should ask for anything. */
  | { readonly type: 'refused'; readonly what: string };

/** What the page hands to the next window. */
export interface PageState {
  readonly root: string;
  readonly folded: readonly string[];
  readonly table: boolean;
  readonly focused: string | undefined;
}
