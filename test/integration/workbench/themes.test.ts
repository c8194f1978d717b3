import assert from 'node:assert/strict';
import { Workbench } from './driver';

const themes = {
  light: 'Default Light Modern',
  dark: 'Default Dark Modern',
  'high-contrast': 'Default High Contrast',
} as const;

describe('the looks', () => {
  for (const [name, theme] of Object.entries(themes)) {
    it(`are readable in ${name}: the Stages view, a lens, a squiggle and its hover`, async () => {
      const workbench = await Workbench.open('stages', {
        settings: { 'workbench.colorTheme': theme, 'workbench.startupEditor': 'none' },
      });
      try {
        await workbench.openView('Stages');
        await workbench.viewRow('Stages', '00-tuner').waitFor();
        await workbench.openFile('stage-radio/00-tuner/00-run-chroot.sh');
        await workbench.squiggles().first().waitFor();
        await workbench.page.locator('.codelens-decoration', { hasText: /Step/ }).first().waitFor();
        const hover = await workbench.hoverOver(workbench.squiggles().first());
        assert.match(hover, /nested-on-chroot/);
        await workbench.screenshot(`looks-${name}`);
      } finally {
        await workbench.close();
      }
    });
  }
});
