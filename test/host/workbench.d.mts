import type { Server } from './server.mjs';

/**
 * The part of playwright-core that the tests use, written down here so that the project type-checks where test/host is not
 * installed. All rejections mean that something did not come true on the page in time.
 */
export interface Locator {
  locator(selector: string, options?: LocatorFilter): Locator;
  filter(options: LocatorFilter): Locator;
  or(other: Locator): Locator;
  and(other: Locator): Locator;
  first(): Locator;
  last(): Locator;
  nth(index: number): Locator;
  count(): Promise<number>;
  waitFor(options?: {
    state?: 'attached' | 'detached' | 'visible' | 'hidden';
    timeout?: number;
  }): Promise<void>;
  click(options?: {
    button?: 'left' | 'right';
    force?: boolean;
    timeout?: number;
    modifiers?: readonly string[];
    position?: { x: number; y: number };
  }): Promise<void>;
  dblclick(): Promise<void>;
  dragTo(target: Locator): Promise<void>;
  hover(options?: { force?: boolean; position?: { x: number; y: number } }): Promise<void>;
  fill(text: string): Promise<void>;
  press(key: string): Promise<void>;
  focus(): Promise<void>;
  innerText(): Promise<string>;
  allInnerTexts(): Promise<string[]>;
  getAttribute(name: string): Promise<string | null>;
  inputValue(): Promise<string>;
  isVisible(): Promise<boolean>;
  boundingBox(): Promise<{ x: number; y: number; width: number; height: number } | null>;
  evaluateAll<Result>(read: (elements: HTMLElementLike[]) => Result): Promise<Result>;
}

/** A page in the page, such as a webview's. */
export interface FrameLocator {
  locator(selector: string, options?: LocatorFilter): Locator;
  frameLocator(selector: string): FrameLocator;
}

export interface LocatorFilter {
  hasText?: string | RegExp;
  has?: Locator;
  hasNot?: Locator;
}

/** What the tests read of an element inside the page. */
export interface HTMLElementLike {
  readonly innerText: string;
  readonly textContent: string | null;
  readonly className: string;
  readonly ariaLabel: string | null;
  getBoundingClientRect(): { x: number; y: number; width: number; height: number };
}

export interface Page {
  locator(selector: string, options?: LocatorFilter): Locator;
  frameLocator(selector: string): FrameLocator;
  /** Told of what is written to the console, in frames too. */
  on(event: 'console', listener: (message: { text(): string }) => void): unknown;
  goto(url: string, options?: { timeout?: number }): Promise<unknown>;
  reload(): Promise<unknown>;
  close(): Promise<void>;
  evaluate<Result>(read: string): Promise<Result>;
  screenshot(options: { path: string; animations?: 'disabled'; caret?: 'hide' }): Promise<unknown>;
  exposeFunction(name: string, implementation: (...args: never[]) => unknown): Promise<unknown>;
  setDefaultTimeout(milliseconds: number): void;
  readonly keyboard: {
    press(key: string): Promise<void>;
    type(text: string): Promise<void>;
    insertText(text: string): Promise<void>;
  };
  readonly mouse: { move(x: number, y: number): Promise<void> };
}

export interface Browser {
  newContext(options: object): Promise<{ newPage(): Promise<Page> }>;
  close(): Promise<void>;
}

export interface OpenOptions {
  /** Absolute path of a folder or of a .code-workspace file. */
  readonly workspace: string;
  /** What one wait on the page may take, in milliseconds; 15,000 by default. */
  readonly timeout?: number;
  /** Makes the page serve one run of tests in the extension host, and nothing else. */
  readonly tests?: TestRun;
}

export interface TestRun {
  /** Absolute path of the extension's folder. */
  readonly extensionDevelopmentPath: string;
  /** Absolute path of a module whose `run()` the extension host calls. */
  readonly extensionTestsPath: string;
  /** Called with what the workbench and its extension host print. */
  readonly onLog: (type: string, args: readonly unknown[]) => void;
  /** Called with the exit code when `run()` has ended. */
  readonly onExit: (code: number) => void;
}

export function findChromium(): Promise<string>;
export function startBrowser(): Promise<Browser>;
export function openWorkbench(browser: Browser, server: Server, options: OpenOptions): Promise<Page>;
export function restored(page: Page): Promise<void>;
