import assert from 'node:assert/strict';
import fc from 'fast-check';
import { collectSecrets, isSecretName, mask, SecretMasker } from '../../../src/pigen/config/secrets';
import { plainAssignments } from './plain-assignments';

describe('isSecretName', () => {
  for (const name of [
    'FIRST_USER_PASS',
    'WPA_PASSWORD',
    'WPA_PASSPHRASE',
    'WIFI_PSK',
    'GITHUB_TOKEN',
    'API_KEY',
    'ROOT_PASSWD',
    'db_password',
    'TAILSCALE_AUTH_KEY',
    'CLIENT_SECRET',
  ]) {
    it(`hides ${name}`, () => {
      assert.equal(isSecretName(name), true);
    });
  }
  for (const name of [
    'FIRST_USER_NAME',
    'KEYBOARD_KEYMAP',
    'KEYBOARD_LAYOUT',
    'PUBKEY_SSH_FIRST_USER',
    'PUBKEY_ONLY_SSH',
    'PASSWORDLESS_SUDO',
    'SSH_PUB_KEY',
    'STAGE_LIST',
    'MONKEY',
    'WPA_ESSID',
    'PASSTHROUGH',
  ]) {
    it(`shows ${name}`, () => {
      assert.equal(isSecretName(name), false);
    });
  }
});

describe('collectSecrets', () => {
  it('takes the values of secret variables, and the static parts of others', () => {
    const config =
      'FIRST_USER_PASS="hunter22"\nIMG_NAME=kiosk\nAPI_TOKEN=abcd${MORE}efgh\nWPA_PASSWORD=pi\nX_KEY=$(cat k)\n';
    assert.deepEqual(collectSecrets(plainAssignments(config)), [
      ...['hunter22', 'abcd', 'efgh'],
      // Too short to be masked wherever it stands.
      ...['WPA_PASSWORD=pi', "WPA_PASSWORD='pi'", 'WPA_PASSWORD="pi"'],
    ]);
  });
});

describe('a public key of the config', () => {
  it('is taken whole and as the key alone, for logs end in bug reports', () => {
    const key = 'AAAAC3NzaC1lZDI1NTE5AAAAIExample';
    const config = `PUBKEY_SSH_FIRST_USER="ssh-ed25519 ${key} me@here"\nPUBKEY_ONLY_SSH=1\n`;
    assert.deepEqual(collectSecrets(plainAssignments(config)), [`ssh-ed25519 ${key} me@here`, key]);
  });
});

describe('SecretMasker', () => {
  function masked(secrets: readonly string[], chunks: readonly string[]): string {
    const masker = new SecretMasker(secrets);
    return chunks.map((chunk) => masker.push(chunk)).join('') + masker.flush();
  }

  it('masks a secret across chunks', () => {
    assert.equal(masked(['hunter22'], ['pass: hun', 'ter', '22\n']), `pass: ${mask}\n`);
    assert.equal(masked(['aab1'], ['aa', 'ab1', 'aab']), `a${mask}aab`);
  });

  it('lets everything else through at once', () => {
    const masker = new SecretMasker(['hunter22']);
    assert.equal(masker.push('[10:00:00] Begin /pi-gen\n'), '[10:00:00] Begin /pi-gen\n');
    assert.equal(masker.push('hunter'), '');
    assert.equal(masker.push(' gatherer'), 'hunter gatherer');
    assert.equal(masker.flush(), '');
  });

  it('masks the longest of several, and each line of one with several lines', () => {
    assert.equal(masked(['word', 'wordier'], ['a wordier word']), `a ${mask} ${mask}`);
    assert.equal(masked(['line one\nline two'], ['x line two y']), `x ${mask} y`);
  });

  it('masks a secret as programs print it', () => {
    const secret = `it's a "$hard" \\ <one> & 100% ä`;
    const shapes = [
      // bash -x, declare -p, printf %q
      String.raw`'it'\''s a "$hard" \ <one> & 100% ä'`,
      String.raw`"it's a \"\$hard\" \\ <one> & 100% ä"`,
      String.raw`it\'s\ a\ \"\$hard\"\ \\\ \<one\>\ \&\ 100%\ ä`,
      JSON.stringify(secret),
      encodeURIComponent(secret),
      encodeURIComponent(secret).replaceAll('%20', '+'),
      // By bash in a build container, where the locale is C.
      String.raw`$'it\'s a "$hard" \\ <one> & 100% \303\244'`,
      // Python's json.dumps
      JSON.stringify(secret).replaceAll('ä', '\\u00e4'),
      encodeURIComponent(secret).replaceAll("'", '%27'),
      `it's a "$hard" \\ &lt;one&gt; &amp; 100% ä`,
      `it's a &quot;$hard&quot; \\ &lt;one&gt; &amp; 100% ä`,
      `it&#x27;s a &quot;$hard&quot; \\ &lt;one&gt; &amp; 100% ä`,
    ];
    for (const shape of shapes) {
      const shown = masked([secret], [`curl -d ${shape} https://example.org\n`]);
      assert.doesNotMatch(shown, /hard|one|100/, shape);
      assert.match(shown, /^curl -d (?:\$'|.?)\*\*\*.? https:\/\/example\.org\n$/, shape);
    }
  });

  it('masks a secret with what cannot be printed, as bash quotes it', () => {
    const secret = 'a"b\'c\td\\\u0001e\u001bf';
    assert.equal(
      masked([secret], [String.raw`declare -- x=$'a"b\'c\td\\\001e\Ef'`]),
      `declare -- x=$'${mask}'`,
    );
  });

  it('masks a secret in base64, whatever is encoded before and behind it', () => {
    for (const before of ['', 'a', 'ab', 'user:', '日本']) {
      for (const behind of ['', '\n', '@h']) {
        const line = Buffer.from(`${before}correct horse${behind}`).toString('base64');
        const shown = masked(['correct horse'], [`Authorization: Basic ${line}`]);
        assert.doesNotMatch(
          Buffer.from(shown.slice(21), 'base64').toString(),
          /orrect|hors/,
          `${before}…${behind}`,
        );
        assert.match(shown, /\*\*\*/);
      }
    }
  });

  it('passes secrets through that are too short to hide', () => {
    assert.equal(masked(['pi', ''], ['pi is pi']), 'pi is pi');
  });

  it('gives the same for every way of cutting a text, and never leaks', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', ' ', '\n'), maxLength: 40 });
    const secret = fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 4, maxLength: 6 });
    fc.assert(
      fc.property(
        fc.array(letters, { maxLength: 6 }),
        fc.array(secret, { minLength: 1, maxLength: 3 }),
        (chunks, secrets) => {
          const whole = masked(secrets, [chunks.join('')]);
          assert.equal(masked(secrets, chunks), whole);
          for (const one of secrets) assert.ok(!whole.includes(one));
        },
      ),
    );
  });

  for (const secret of ['correct horse', 'a+b*(c)[d]{2}^$|\\.?', 'pässwörd-日本-😀!', 'aaab', "it's $(rm)"]) {
    it(`masks ${secret}, cut at every place`, () => {
      const text = `user: ${secret}, again ${secret}${secret}\n`;
      const expected = `user: ${mask}, again ${mask}${mask}\n`;
      for (let at = 0; at <= text.length; at++) {
        assert.equal(masked([secret], [text.slice(0, at), text.slice(at)]), expected, `cut at ${at}`);
      }
      assert.equal(masked([secret], text.split('')), expected);
    });
  }

  it('does not make nonsense of a log for the sake of short or empty values', () => {
    const line = '[10:00:00] Begin /pi-gen/stage1, 1 pi a b';
    assert.equal(masked(['1', 'pi', 'a', ' ', '\n', '    ', 'abc'], [line]), line);
  });
});
