import { cp, mkdir, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { startServer, type Server } from '../../host/server.mjs';
import {
  openWorkbench,
  restored,
  startBrowser,
  type Browser,
  type Locator,
  type Page,
} from '../../host/workbench.mjs';

export const root = fileURLToPath(new URL('../../../', import.meta.url));
const fixtures = path.join(root, 'test', 'fixtures', 'workspaces');
const screenshots = path.join(root, 'test', 'screenshots', 'actual');

/** What the page may take for one thing, in milliseconds, where no other limit is given. */
const usualLimit = 15_000;
/** How long the palette is looked at, in milliseconds, and how often. */
const paletteLimit = 1_500;
const paletteAttempts = 10;
/** For a question, and for its entry, in milliseconds, and how often it is asked. */
const choiceLimit = 8_000;
const choiceAttempts = 3;
/** How long a hover is waited for before the mouse is moved again, and how often. */
const hoverLimit = 4_000;
const hoverAttempts = 4;

/** What would change the text that a test types, or save it. */
const plainEditing = {
  'editor.acceptSuggestionOnEnter': 'off',
  'editor.autoClosingBrackets': 'never',
  'editor.autoClosingQuotes': 'never',
  'editor.autoIndent': 'none',
  'editor.cursorBlinking': 'solid',
  'editor.hover.delay': 100,
  'editor.lightbulb.enabled': 'off',
  'editor.occurrencesHighlight': 'off',
  'editor.quickSuggestions': { other: 'off', comments: 'off', strings: 'off' },
  'editor.suggestOnTriggerCharacters': false,
};

/** The extension as an installed one: linked, so that what `npm run build` wrote last is what runs. */
async function extensionUnderTest(): Promise<{ id: string; folder: string }> {
  const manifest = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8')) as {
    publisher: string;
    name: string;
    version: string;
  };
  return { id: `${manifest.publisher}.${manifest.name}-${manifest.version}`, folder: root };
}

export interface OpenOptions {
  readonly settings?: Readonly<Record<string, unknown>>;
  /** A .code-workspace file in the fixture, to be opened instead of its folder. */
  readonly workspaceFile?: string;
  /** Changes the workspace's copy before it is opened. */
  readonly prepare?: (folder: string) => Promise<void>;
  /** Other extensions to be there, as unpacked folders. */
  readonly extensions?: readonly { readonly id: string; readonly folder: string }[];
  /** Added to the environment of the extension host. */
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * The page of a real VS Code on a copy of a fixture workspace, as a user works with it. Every method waits for what it is
 * about to use, and rejects when that does not appear in time.
 */
export class Workbench {
  constructor(
    readonly page: Page,
    /** Absolute path of the workspace. */
    readonly folder: string,
    /** Ends everything that was started for it. */
    readonly close: () => Promise<void>,
    /** Undefined: it was started by somebody else. */
    readonly server?: Server,
  ) {}

  /** @param fixture a folder of test/fixtures/workspaces, or an absolute path. */
  static async open(fixture: string, options: OpenOptions = {}): Promise<Workbench> {
    const scratch = await mkdtemp(path.join(os.tmpdir(), 'pi-gen-stages-workbench-'));
    const folder = path.join(scratch, path.basename(fixture));
    await cp(path.resolve(fixtures, fixture), folder, { recursive: true });
    await options.prepare?.(folder);
    const server = await startServer({
      env: options.env ?? {},
      settings: { ...plainEditing, ...options.settings },
      extensions: [await extensionUnderTest(), ...(options.extensions ?? [])],
    });
    let browser: Browser | undefined;
    const close = async () => {
      await browser?.close();
      await server.stop();
      await rm(scratch, { recursive: true, force: true, maxRetries: 3 });
    };
    try {
      browser = await startBrowser();
      const workspace =
        options.workspaceFile === undefined ? folder : path.join(folder, options.workspaceFile);
      return new Workbench(await openWorkbench(browser, server, { workspace }), folder, close, server);
    } catch (error) {
      await close();
      throw error;
    }
  }

  /** Reloads the page, as `Developer: Reload Window` does, and waits until the workbench is there again. */
  async reload(): Promise<void> {
    await this.page.reload();
    await restored(this.page);
  }

  get #quickInput(): Locator {
    return this.page.locator('.quick-input-widget:not([style*="display: none"])');
  }

  async #openQuickInput(key: string, text: string): Promise<void> {
    await this.page.keyboard.press(key);
    await this.#quickInput.locator('input').first().waitFor();
    await this.page.keyboard.insertText(text);
  }

  /** Opens a file's tab through quick open, whatever the editor shows of the file. @param file relative to the workspace. */
  async openTab(file: string): Promise<void> {
    await this.#openQuickInput('Control+P', path.join(this.folder, file));
    await this.#quickInput
      .locator('.monaco-list-row', { hasText: path.basename(file) })
      .filter({ hasText: path.dirname(file).replace(/^\.$/, '') })
      .first()
      .click();
    await this.page
      .locator(`.tabs-container .tab.active[data-resource-name="${path.basename(file)}"]`)
      .waitFor();
  }

  /** Opens a file through quick open. @param file relative to the workspace. */
  async openFile(file: string): Promise<void> {
    await this.openTab(file);
    await this.page
      .locator(`.editor-instance[data-uri$="${file}"], .editor-instance .monaco-editor[data-uri$="${file}"]`)
      .locator('.view-line')
      .first()
      .waitFor();
  }

  /** Runs a command as the palette lists it: `Pi-gen: Build Image`. */
  async runCommand(title: string): Promise<void> {
    const row = this.#quickInput.locator('.monaco-list-row', { hasText: title }).first();
    // The palette lists what was there when it was opened: opened before the extension was loaded, it has to be opened again.
    for (let attempt = 1; ; attempt++) {
      await this.#openQuickInput('F1', title);
      try {
        await row.waitFor({ timeout: paletteLimit });
        break;
      } catch (error) {
        await this.page.keyboard.press('Escape');
        if (attempt === paletteAttempts) throw error;
      }
    }
    await row.click();
    // What the command asks next comes in the same box.
    await row.waitFor({ state: 'detached' });
  }

  /** What the palette offers for a text. */
  async commandsFor(text: string): Promise<string[]> {
    await this.#openQuickInput('F1', text);
    await this.#quickInput.locator('.monaco-list-row').first().waitFor();
    const rows = await this.#quickInput.locator('.monaco-list-row .label-name').allInnerTexts();
    await this.page.keyboard.press('Escape');
    return rows.map(plain);
  }

  /** The names of the channels that the output panel can show. */
  async outputChannels(): Promise<string[]> {
    await this.runCommand('Output: Show Output Channels...');
    const rows = this.#quickInput.locator('.monaco-list-row .label-name');
    await rows.first().waitFor();
    const names = (await rows.allInnerTexts()).map(plain);
    await this.page.keyboard.press('Escape');
    return names;
  }

  /** Chooses an entry of the open quick pick by (a part of) its label. */
  async pick(label: string): Promise<void> {
    await this.#quickInput.locator('.monaco-list-row', { hasText: label }).first().click();
  }

  /**
   * Runs a command and answers what it asks first. A page that is restored late takes the focus, and the question goes with it:
   * it is asked again, as a user would.
   * @param question a part of the quick pick's title or placeholder @param label a part of the entry's label
   */
  async choose(command: string, question: string | RegExp, label: string): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      await this.runCommand(command);
      try {
        await this.questionIs(question, choiceLimit);
        await this.#quickInput
          .locator('.monaco-list-row', { hasText: label })
          .first()
          .click({ timeout: choiceLimit });
        return;
      } catch (error) {
        await this.page.keyboard.press('Escape');
        if (attempt === choiceAttempts) throw error;
      }
    }
  }

  /** Presses the button that leads to the question before. */
  async goBack(): Promise<void> {
    await this.#quickInput.locator('.quick-input-left-action-bar .action-label').first().click();
  }

  /** Answers the open input box. */
  async answer(text: string): Promise<void> {
    const input = this.#quickInput.locator('input').first();
    await input.fill(text);
    await input.press('Enter');
  }

  /** Narrows the open quick pick down to entries that hold a text. */
  async filter(text: string): Promise<void> {
    await this.#quickInput.locator('input[type="text"]').first().fill(text);
  }

  /** Waits until the open quick pick offers nothing: what it is narrowed down to is not there. */
  async offersNothing(): Promise<void> {
    await this.#quickInput.locator('.monaco-list-row').first().waitFor({ state: 'detached' });
  }

  /** Accepts what is ticked in the open quick pick. */
  async accept(): Promise<void> {
    const title = await this.#quickInput.locator('.quick-input-title').first().innerText();
    await this.page.keyboard.press('Enter');
    // Another question may be there before anybody has seen that this one is gone.
    await this.#quickInput.filter({ hasText: title }).waitFor({ state: 'hidden' });
  }

  /** Waits until the open quick pick or input box shows a text: its title, placeholder or prompt. */
  async questionIs(text: string | RegExp, timeout = usualLimit): Promise<void> {
    await this.page
      .locator('.quick-input-widget:not([style*="display: none"])', { hasText: text })
      .first()
      .waitFor({ timeout });
  }

  /** Puts the cursor at a place of the active editor; both 1-based, as the status bar counts. */
  async goTo(line: number, column = 1): Promise<void> {
    await this.#openQuickInput('Control+G', `${line}:${column}`);
    await this.page.keyboard.press('Enter');
    await this.#quickInput.first().waitFor({ state: 'detached' });
    await this.page.locator('.statusbar-item', { hasText: `Ln ${line}, Col ${column}` }).waitFor();
  }

  /** Types into the active editor at the cursor. */
  async type(text: string): Promise<void> {
    await this.page.keyboard.type(text);
  }

  async save(): Promise<void> {
    await this.page.keyboard.press('Control+S');
    await this.isSaved();
  }

  /** Waits until the active editor's text is saved, by whomever. */
  async isSaved(): Promise<void> {
    await this.page.locator('.tabs-container .tab.active.dirty').waitFor({ state: 'detached' });
  }

  /** Whether the active editor's text is not saved. */
  async isDirty(): Promise<boolean> {
    return (await this.page.locator('.tabs-container .tab.active.dirty').count()) > 0;
  }

  /** The lines that the active editor shows, from the top. */
  async editorLines(): Promise<string[]> {
    return linesOf(this.page.locator('.editor-instance .view-lines .view-line'));
  }

  /** Waits until the active editor shows a text in one of its lines. */
  async editorShows(text: string): Promise<void> {
    await this.page
      .locator('.editor-instance .view-lines .view-line', { hasText: asDrawn(text) })
      .first()
      .waitFor();
  }

  /** The squiggles of one severity in the active editor. */
  squiggles(severity: 'error' | 'warning' | 'info' = 'error'): Locator {
    return this.page.locator(`.editor-instance .squiggly-${severity}`);
  }

  /** Points at a squiggle with the mouse. @returns the text of the hover that appears */
  async hoverOver(squiggle: Locator): Promise<string> {
    const hover = this.page.locator('.monaco-resizable-hover .monaco-hover:not(.hidden)').first();
    for (let attempt = 1; ; attempt++) {
      const box = await squiggle.boundingBox();
      if (box === null) throw new Error('The squiggle is not on screen.');
      const middle = box.y + box.height / 2;
      // From somewhere else and with a step inside, as a hand would: the editor answers to movement.
      await this.page.mouse.move(box.x + 200, middle + 200);
      await this.page.mouse.move(box.x + 20, middle);
      await this.page.mouse.move(box.x + 22, middle);
      try {
        await hover.waitFor({ timeout: hoverLimit });
        return plain(await hover.innerText());
      } catch (error) {
        // A code lens that comes up above moves the line away from under the mouse.
        if (attempt === hoverAttempts) throw error;
      }
    }
  }

  /** Opens the menu of quick fixes at the cursor. @returns their titles */
  async quickFixes(): Promise<string[]> {
    await this.page.keyboard.press('Control+.');
    const rows = this.page.locator('.action-widget .monaco-list-row.action');
    await rows.first().waitFor();
    return (await rows.allInnerTexts()).map(plain);
  }

  /** Presses an entry of the open menu of quick fixes. */
  async applyQuickFix(title: string): Promise<void> {
    await this.page.locator('.action-widget .monaco-list-row.action', { hasText: title }).first().click();
  }

  /** Opens the Problems panel. @returns its rows */
  async problems(): Promise<string[]> {
    const panel = this.page.locator('.markers-panel');
    if ((await panel.count()) === 0 || !(await panel.first().isVisible())) {
      await this.page.keyboard.press('Control+Shift+M');
      await panel.first().waitFor();
    }
    return (await panel.locator('.monaco-list-row').allInnerTexts()).map(plain);
  }

  /** A line of the Problems panel, which has to be open. */
  problem(text: string | RegExp): Locator {
    return this.page.locator('.markers-panel .monaco-list-row', { hasText: text }).first();
  }

  /** The lines that the output panel shows, once one of them holds the text. */
  async output(text: string | RegExp, timeout = usualLimit): Promise<string[]> {
    const lines = this.page.locator('.part.panel .output-view .view-line');
    const drawn = typeof text === 'string' ? asDrawn(text) : text;
    await lines.filter({ hasText: drawn }).first().waitFor({ timeout });
    return linesOf(lines);
  }

  /** All that a channel of the output panel holds, in the window that opened it last. */
  async outputText(channel: string): Promise<string> {
    if (this.server === undefined) throw new Error('The logs of this server are not known.');
    const logs = path.join(this.server.dataFolder, 'data', 'logs');
    // As the editor names files for channels.
    const name = channel.replaceAll(/[\\/:*?"<>|]/g, '');
    const files = (await readdir(logs, { recursive: true }))
      .filter((file) => new RegExp(`/output_logging_[^/]*/\\d+-${name}\\.log$`).test(file))
      .map((file) => path.join(logs, file));
    const times = await Promise.all(files.map(async (file) => (await stat(file)).birthtimeMs));
    const newest = files[times.indexOf(Math.max(...times))];
    return newest === undefined ? '' : readFile(newest, 'utf8');
  }

  /** The name of the channel that the output panel shows. */
  async outputChannel(): Promise<string> {
    return this.page.locator('.part.panel .monaco-action-bar select').first().inputValue();
  }

  /** A notification that holds the text. */
  async notification(text: string | RegExp, timeout = usualLimit): Promise<Locator> {
    const toasts = this.page.locator('.notification-toast');
    const listed = this.page.locator('.notifications-center.visible .notification-list-item');
    const shown = toasts.or(listed).filter({ hasText: text }).first();
    // Beside three that stay the editor shows no other, and puts it into its list alone.
    await appears(shown.or(toasts.nth(2)).first(), timeout);
    if (!(await shown.isVisible())) await this.runCommand('Notifications: Show Notifications');
    await shown.waitFor({ timeout });
    return shown;
  }

  /** Presses a button of a notification. */
  async press(notification: Locator, button: string): Promise<void> {
    await notification.locator('.monaco-button', { hasText: button }).first().click();
  }

  /** Presses a button of the dialog that the workbench shows, once its text is there. */
  async answerDialog(text: string | RegExp, button: string): Promise<void> {
    const dialog = this.page.locator('.monaco-dialog-box', { hasText: text });
    await dialog.locator('.monaco-button', { hasText: button }).first().click();
    await dialog.waitFor({ state: 'detached' });
  }

  /**
   * Chooses a folder in the dialog that the workbench shows for itself. `holds` is the name of a folder in it: the dialog
   * looks up what is typed in its own time, and a press of its button before that takes the folder that it began with.
   */
  async chooseFolder(folder: string, holds: string): Promise<void> {
    // Once it has listed the folder that it begins with, it writes that one's path over whatever was typed until then.
    // A line keeps hidden words of what it showed for another question: its label is what it says now.
    await this.#quickInput.locator('.monaco-list-row[aria-label=".."]').waitFor();
    await this.#quickInput.locator('input').first().fill(`${folder}/`);
    await this.#quickInput.locator(`.monaco-list-row[aria-label="${holds}"]`).first().waitFor();
    await this.#quickInput.locator('.monaco-button').first().click();
    await this.#quickInput.waitFor({ state: 'hidden' });
  }

  /** Takes the file that the workbench's own dialog for a new file begins with. */
  async acceptNewFile(): Promise<void> {
    // As in chooseFolder(): until its folder is listed, it is not ready.
    await this.#quickInput.locator('.monaco-list-row', { hasText: /^\s*\.\.\s*$/ }).waitFor();
    await this.#quickInput.locator('.monaco-button').first().click();
    await this.#quickInput.waitFor({ state: 'hidden' });
  }

  /** Unfolds a view of the side bar, and folds the others, so that there is room for its lines. */
  async openView(name: string): Promise<void> {
    const headers = this.page.locator('.part.sidebar .pane-header');
    const wanted = headers.filter({ hasText: new RegExp(`^\\s*${name}`) }).first();
    // It appears when the extension has looked around, however long the window took to come up.
    await wanted.waitFor({ timeout: 4 * usualLimit });
    // A command may unfold it at the same moment, and the click then fold it again.
    while ((await wanted.getAttribute('aria-expanded')) !== 'true') await wanted.click();
    for (let index = 0; index < (await headers.count()); index++) {
      const header = headers.nth(index);
      const isWanted = new RegExp(`^\\s*${name}`).test(await header.innerText());
      if (!isWanted && (await header.getAttribute('aria-expanded')) === 'true') await header.click();
    }
  }

  /** A line of a view of the side bar. */
  viewRow(view: string, text: string | RegExp): Locator {
    return this.#view(view).locator('.monaco-list-row', { hasText: text }).first();
  }

  /** The lines of a view of the side bar, from the top. */
  async viewRows(view: string): Promise<string[]> {
    return linesOf(this.#view(view).locator('.monaco-list-row'));
  }

  /** What a screen reader says of the lines of a view of the side bar. */
  async spokenRows(view: string): Promise<string[]> {
    const rows = this.#view(view).locator('.monaco-list-row');
    return rows.evaluateAll((elements) => elements.map(({ ariaLabel }) => ariaLabel ?? ''));
  }

  #view(name: string): Locator {
    return this.page.locator('.part.sidebar .split-view-view', {
      has: this.page.locator('.pane-header', { hasText: new RegExp(`^\\s*${name}`) }),
    });
  }

  /** Presses an entry of the menu that a right click opens. */
  async contextMenu(at: Locator, entry: string): Promise<void> {
    await at.click({ button: 'right' });
    const menu = this.page.locator('.monaco-menu');
    const item = menu.locator('.action-item', { hasText: entry }).first();
    await item.waitFor();
    // A menu takes no click for a moment after it has come up: it may be the end of the one that opened it.
    for (let attempt = 1; ; attempt++) {
      await item.click();
      try {
        await menu.first().waitFor({ state: 'detached', timeout: paletteLimit });
        return;
      } catch (error) {
        if (attempt === paletteAttempts) throw error;
      }
    }
  }

  /** Writes test/screenshots/actual/NAME.png. */
  async screenshot(name: string): Promise<void> {
    await mkdir(screenshots, { recursive: true });
    await this.page.screenshot({ path: path.join(screenshots, `${name}.png`), animations: 'disabled' });
  }
}

/** The texts of an editor's line elements in the order on screen, which is not that in the page. */
async function linesOf(lines: Locator): Promise<string[]> {
  const placed = await lines.evaluateAll((elements) =>
    elements.map((element) => ({ y: element.getBoundingClientRect().y, text: element.textContent ?? '' })),
  );
  return placed.sort((a, b) => a.y - b.y).map(({ text }) => plain(text));
}

function plain(text: string): string {
  return text.replaceAll('\u00a0', ' ').replaceAll(/[\u200b-\u200d\u2060\ufeff]/gu, '');
}

/** The editor draws spaces as non-breaking ones. */
function asDrawn(text: string): RegExp {
  return new RegExp(text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&').replaceAll(' ', '\\s'));
}

/** Whether it becomes visible in so many milliseconds. */
async function appears(locator: Locator, timeout: number): Promise<boolean> {
  return locator.waitFor({ timeout }).then(
    () => true,
    () => false,
  );
}
