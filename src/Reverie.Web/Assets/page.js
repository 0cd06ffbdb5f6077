// What a browser alone can do: keys, the box that grows, pastes, scrolling, copying, colours. Everything else is the server's.
(() => {
  'use strict';
  const longPaste = 200, longestBytes = 200000, nearEnd = 120;
  const root = document.documentElement, byId = id => document.getElementById(id);
  const narrow = () => matchMedia('(max-width: 800px)').matches;
  const keep = (key, value) => { try { localStorage.setItem(key, value); } catch { /* nothing is kept */ } };
  const boxes = new Map();

  // Boxes: what is typed stays in the browser until it is sent.
  function grow(area) {
    area.style.height = 'auto';
    area.style.height = Math.min(area.scrollHeight + 2, innerHeight * 0.45) + 'px';
  }

  function attachBox(element, server, { key, keyboard }) {
    const before = boxes.get(element);
    reverie.release(element);
    const area = element.querySelector('textarea'), stop = new AbortController(), on = { signal: stop.signal }, pasted = [];
    const draft = key && `reverie.draft.${key}`;
    let busy = false;
    // Whether what it holds comes back when the page is drawn anew.
    const isKept = () => { try { return !busy && !!draft && area.value === (sessionStorage.getItem(draft) ?? ''); } catch { return false; } };
    const box = { stop, server, key, isKept };
    // What was typed while the page came up, or while a first message made its conversation, stays.
    if (draft && (before ? !(before.sent && before.key === 'new') : !area.value)) {
      try { area.value = sessionStorage.getItem(draft) ?? ''; } catch { area.value = ''; }
    } else if (before?.sent) try { sessionStorage.removeItem('reverie.draft.new'); } catch { /* not kept */ }
    const store = () => {
      grow(area);
      if (draft) try { area.value ? sessionStorage.setItem(draft, area.value) : sessionStorage.removeItem(draft); } catch { /* not kept */ }
    };
    const submit = async () => {
      if (busy) return;
      busy = box.sent = true;
      const text = area.value;
      area.value = '';
      store();
      if (!await server.invokeMethodAsync('Submit', text, pasted.filter(p => text.includes(p))).catch(() => false) && !area.value) {
        area.value = text;
        store();
      } else pasted.length = 0;
      busy = false;
    };
    area.addEventListener('input', store, on);
    area.addEventListener('keydown', e => keyboard(e, area, submit), on);
    area.addEventListener('paste', e => {
      const text = e.clipboardData?.getData('text/plain') ?? '';
      if (e.clipboardData?.files.length && !text) return;
      if (text.length <= longPaste) return;
      if (key) {
        e.preventDefault();
        attach('Pasted text', text);
      } else pasted.push(text.replace(/\r\n?/g, '\n'));
    }, on);
    const attach = (name, text) => {
      if (new Blob([text]).size > longestBytes) server.invokeMethodAsync('Refuse', `“${name.slice(0, 80)}” is over 200 kB of text, which no model here can read.`);
      else server.invokeMethodAsync('Attach', name, text);
    };
    const files = async list => {
      for (const file of list) {
        if (file.size > longestBytes) { attach(file.name, ' '.repeat(longestBytes + 1)); continue; }
        const text = await file.text();
        if (text.includes('\0') || text.includes('\ufffd')) server.invokeMethodAsync('Refuse', `“${file.name.slice(0, 80)}” is not a text file.`);
        else attach(file.name, text);
      }
    };
    element.addEventListener('click', e => { if (e.target.closest('[data-submit]')) submit(); }, on);
    element.addEventListener('change', e => {
      if (!e.target.matches('[data-attach]')) return;
      files([...e.target.files]).then(() => { e.target.value = ''; });
    }, on);
    if (key) {
      const target = byId('main') ?? element;
      target.addEventListener('dragover', e => { if (e.dataTransfer?.types.includes('Files')) { e.preventDefault(); element.classList.add('drop'); } }, on);
      target.addEventListener('dragleave', () => element.classList.remove('drop'), on);
      target.addEventListener('drop', e => {
        element.classList.remove('drop');
        if (!e.dataTransfer?.files.length) return;
        e.preventDefault();
        files([...e.dataTransfer.files]);
      }, on);
    }
    boxes.set(element, box);
    if (key) element.dataset.key = key;
    store();
    return area;
  }

  window.reverie = {
    compose(element, server, key) {
      const area = attachBox(element, server, {
        key,
        keyboard(e, area, submit) {
          if (e.isComposing) return;
          if (e.key === 'Enter' && !e.shiftKey && !(narrow() && matchMedia('(pointer: coarse)').matches)) { e.preventDefault(); submit(); }
          else if (e.key === 'ArrowUp' && !area.value) { e.preventDefault(); server.invokeMethodAsync('EditLastMessage'); }
        },
      });
      if (!narrow()) area.focus({ preventScroll: true });
      follow();
    },
    edit(element, server) {
      const area = attachBox(element, server, {
        keyboard(e, area, submit) {
          if (e.isComposing) return;
          if (e.key === 'Enter' && (e.ctrlKey || e.metaKey || !e.shiftKey && !area.value.includes('\n'))) { e.preventDefault(); submit(); }
          else if (e.key === 'Escape') { e.preventDefault(); e.stopPropagation(); element.querySelector('[data-cancel]').click(); byId('composer')?.focus(); }
        },
      });
      area.focus();
      area.setSelectionRange(area.value.length, area.value.length);
      element.scrollIntoView({ block: 'nearest' });
    },
    release(element) {
      boxes.get(element)?.stop.abort();
      boxes.delete(element);
    },
    releaseAll() { for (const element of [...boxes.keys()]) reverie.release(element); },
    isKept: () => [...boxes].every(([element, box]) => !element.isConnected || box.isKept()),
    // Where the reader is, by what is read there: null for the end, which is followed.
    place() {
      const log = byId('main'), top = log?.getBoundingClientRect().top;
      const turn = !log || following || atEnd(log) ? null : [...log.querySelectorAll('.turn')].find(t => t.getBoundingClientRect().bottom > top);
      return turn ? { turn: turn.id, above: turn.getBoundingClientRect().top - top } : null;
    },
    goTo({ turn, above }) {
      const log = byId('main');
      following = false;
      log.scrollTop += byId(turn).getBoundingClientRect().top - log.getBoundingClientRect().top - above;
      moved = log.scrollTop;
      mark(log);
    },
    // After a reply the cursor goes back to the box, but never away from what the user does.
    settle(area) {
      if (area && !narrow() && (document.activeElement === document.body || document.activeElement === null || document.activeElement.id === 'main')) area.focus({ preventScroll: true });
    },
    show(id) {
      const target = byId(id) ?? byId('log')?.lastElementChild;
      if (!target) return;
      following = false;
      target.scrollIntoView({ block: 'center' });
      target.classList.add('found');
      setTimeout(() => target.classList.remove('found'), 2500);
    },
    async copy(text) {
      try {
        await navigator.clipboard.writeText(text);
      } catch {
        // Without https browsers give no clipboard.
        const area = document.createElement('textarea');
        area.value = text;
        area.className = 'hidden';
        document.body.append(area);
        area.select();
        document.execCommand('copy');
        area.remove();
      }
      say('Copied');
    },
  };

  function say(text) {
    const note = document.createElement('p');
    note.className = 'flash';
    note.setAttribute('role', 'status');
    note.textContent = text;
    document.body.append(note);
    setTimeout(() => note.remove(), 1400);
  }

  // The end of the log stays in view while it grows, unless the user reads further up.
  let following = true, watched = null, watcher = null, moved = 0;
  const atEnd = log => log.scrollHeight - log.scrollTop - log.clientHeight < nearEnd;
  function follow() {
    const log = byId('main');
    if (!log) return;
    following = true;
    if (watched !== log) {
      watcher?.disconnect();
      watched = log;
      watcher = new MutationObserver(() => { if (following) toEnd(log); else mark(log); });
      watcher.observe(byId('log') ?? log, { childList: true, subtree: true, characterData: true });
      log.addEventListener('scroll', () => {
        const up = log.scrollTop < moved - 2;
        moved = log.scrollTop;
        if (atEnd(log)) following = true;
        else if (up) following = false;
        mark(log);
      }, { passive: true });
      for (const event of ['wheel', 'touchmove']) log.addEventListener(event, e => { if (event === 'touchmove' || e.deltaY < 0) following = atEnd(log) && !(e.deltaY < 0); }, { passive: true });
    }
    toEnd(log);
  }
  function toEnd(log) { log.scrollTop = log.scrollHeight; moved = log.scrollTop; mark(log); }
  function mark(log) { const button = byId('to-end'); if (button) button.hidden = following || atEnd(log); }

  // Colours and the list of conversations.
  const isDark = () => root.dataset.theme ? root.dataset.theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
  function theme() {
    const next = isDark() ? 'light' : 'dark';
    root.dataset.theme = next;
    keep('reverie.theme', next);
  }
  function drawer(action) {
    if (narrow()) {
      const open = action === 'open' || action === 'toggle' && root.dataset.drawer !== 'open';
      if (open) { root.dataset.drawer = 'open'; byId('search')?.blur(); } else delete root.dataset.drawer;
    } else if (action !== 'close') {
      const closed = action === 'toggle' && root.dataset.sidebar !== 'closed';
      if (closed) root.dataset.sidebar = 'closed'; else delete root.dataset.sidebar;
      keep('reverie.sidebar', closed ? 'closed' : 'open');
    }
  }
  function open(id) { const dialog = byId(id); if (dialog && !dialog.open) { drawer('close'); dialog.showModal(); } }

  document.addEventListener('click', e => {
    const at = selector => e.target.closest?.(selector);
    let found;
    if (at('.skip')) { e.preventDefault(); byId('main')?.focus(); }
    else if ((found = at('[data-copy]'))) reverie.copy(found.closest('.code').querySelector('code').textContent);
    else if (at('[data-theme-toggle]')) theme();
    else if ((found = at('[data-drawer]'))) drawer(found.dataset.drawer);
    else if ((found = at('[data-dialog]'))) open(found.dataset.dialog);
    else if ((found = at('[data-close]'))) found.closest('dialog')?.close();
    else if (at('[data-reload]')) location.reload();
    else if (at('#to-end')) { following = true; toEnd(byId('main')); }
    else if (e.target.tagName === 'DIALOG') e.target.close();
    if (at('.sidebar a[href]')) drawer('close');
  });

  document.addEventListener('keydown', e => {
    const command = e.ctrlKey || e.metaKey, typing = e.target.closest?.('input, textarea, select, [contenteditable]'), key = e.key.toLowerCase();
    if (command && !e.shiftKey && key === 'k') {
      e.preventDefault();
      drawer('open');
      byId('search')?.focus();
      byId('search')?.select();
    } else if (command && e.shiftKey && key === 'o') { e.preventDefault(); byId('new-chat')?.click(); }
    else if (command && e.shiftKey && key === 's') { e.preventDefault(); drawer('toggle'); }
    else if (command && e.shiftKey && key === 'l') { e.preventDefault(); theme(); }
    else if (e.key === '?' && !typing && !command) { e.preventDefault(); open('shortcuts'); }
    else if (e.key === 'Escape' && !document.querySelector('dialog[open]')) {
      if (root.dataset.drawer === 'open') drawer('close');
      else if (byId('stop')) byId('stop').click();
      else if (e.target.id === 'search' && !e.target.value) byId('composer')?.focus();
    }
  });
})();
