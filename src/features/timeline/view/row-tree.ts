export interface RowTreeActions {
  /** Opens the file or folder of a row. */
  open(key: string): void;
  fold(key: string, folded: boolean): void;
  focused(key: string): void;
}

/** Moves the focus among the rows of the chart, as a tree of the workbench does: one of them is reached by the tab key. */
export class RowTree {
  #focused: string | undefined;

  constructor(
    private readonly place: HTMLElement,
    private readonly actions: RowTreeActions,
  ) {
    place.addEventListener('keydown', (event) => {
      this.#key(event);
    });
    place.addEventListener('click', (event) => {
      const row = event.target instanceof Element ? event.target.closest<SVGGElement>('.row') : null;
      if (row === null) return;
      this.#focus(row);
      if (isFoldable(row)) this.#fold(row, !isFolded(row));
      else this.actions.open(keyOf(row));
    });
    place.addEventListener('focusin', (event) => {
      if (event.target instanceof SVGGElement) this.#reach(event.target);
    });
  }

  /**
   * Shows a new drawing. Rows that stay are the same elements as before, so that the focus stays in them and nobody hears of
   * what has not changed.
   */
  show(drawing: SVGSVGElement, focused: string | undefined): void {
    this.#focused ??= focused;
    const old = this.place.querySelector('svg');
    const rows = rowsIn(drawing);
    if (old !== null && sameRows(rowsIn(old), rows)) {
      rowsIn(old).forEach((row, index) => {
        update(row, rows[index]);
      });
      const last = rowsIn(old).at(0);
      for (const child of [...old.children]) if (!child.classList.contains('row')) child.remove();
      for (const child of [...drawing.children])
        if (!child.classList.contains('row')) old.insertBefore(child, last ?? null);
      for (const name of ['width', 'height', 'viewBox', 'aria-label']) {
        old.setAttribute(name, drawing.getAttribute(name) ?? '');
      }
    } else {
      const hadFocus = this.place.contains(document.activeElement);
      this.place.replaceChildren(drawing);
      const row = rows.find((one) => keyOf(one) === this.#focused);
      if (hadFocus) (row ?? rows[0])?.focus();
    }
    this.#reach(this.#rows.find((one) => keyOf(one) === this.#focused) ?? this.#rows[0]);
  }

  get #rows(): readonly SVGGElement[] {
    return rowsIn(this.place);
  }

  /** The one row that the tab key comes to. */
  #reach(row: SVGGElement | undefined): void {
    for (const one of this.#rows) one.setAttribute('tabindex', one === row ? '0' : '-1');
    if (row === undefined || keyOf(row) === this.#focused) return;
    this.#focused = keyOf(row);
    this.actions.focused(this.#focused);
  }

  #focus(row: SVGGElement | undefined): void {
    row?.focus();
    row?.scrollIntoView({ block: 'nearest' });
  }

  #key(event: KeyboardEvent): void {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const rows = this.#rows;
    const index = rows.findIndex((row) => row === document.activeElement);
    const row = rows[index];
    if (row === undefined || !this.#press(event.key, row, rows, index)) return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** Whether the key means something here. */
  #press(key: string, row: SVGGElement, rows: readonly SVGGElement[], index: number): boolean {
    switch (key) {
      case 'ArrowDown':
        this.#focus(rows[index + 1]);
        return true;
      case 'ArrowUp':
        this.#focus(rows[index - 1]);
        return true;
      case 'Home':
        this.#focus(rows[0]);
        return true;
      case 'End':
        this.#focus(rows.at(-1));
        return true;
      case 'ArrowRight':
        if (isFoldable(row) && isFolded(row)) this.#fold(row, false);
        else if (isFoldable(row)) this.#focus(rows[index + 1]);
        return true;
      case 'ArrowLeft':
        if (isFoldable(row) && !isFolded(row)) this.#fold(row, true);
        else if (levelOf(row) > 1) this.#focus(rows.slice(0, index).findLast((one) => levelOf(one) === 1));
        return true;
      case ' ':
        if (isFoldable(row)) this.#fold(row, !isFolded(row));
        else this.actions.open(keyOf(row));
        return true;
      case 'Enter':
        this.actions.open(keyOf(row));
        return true;
      default:
        return false;
    }
  }

  #fold(row: SVGGElement, folded: boolean): void {
    this.actions.fold(keyOf(row), folded);
  }
}

function rowsIn(place: Element): readonly SVGGElement[] {
  return [...place.querySelectorAll<SVGGElement>('.row')];
}

function sameRows(one: readonly SVGGElement[], other: readonly SVGGElement[]): boolean {
  return one.length === other.length && one.every((row, index) => keyOf(row) === keyOf(other[index]));
}

function update(row: SVGGElement, drawn: SVGGElement | undefined): void {
  if (drawn === undefined) return;
  const expanded = drawn.getAttribute('aria-expanded');
  if (expanded !== null) row.setAttribute('aria-expanded', expanded);
  const state = drawn.getAttribute('data-state');
  // Seconds that pass would be read out over and over.
  if (row !== document.activeElement || state !== row.getAttribute('data-state')) {
    row.setAttribute('aria-label', drawn.getAttribute('aria-label') ?? '');
  }
  row.setAttribute('data-state', state ?? '');
  row.replaceChildren(...drawn.children);
}

function keyOf(row: SVGGElement | undefined): string {
  return row?.getAttribute('data-key') ?? '';
}

function isFoldable(row: SVGGElement): boolean {
  return row.hasAttribute('aria-expanded');
}

function isFolded(row: SVGGElement): boolean {
  return row.getAttribute('aria-expanded') === 'false';
}

function levelOf(row: SVGGElement): number {
  return Number(row.getAttribute('aria-level'));
}
