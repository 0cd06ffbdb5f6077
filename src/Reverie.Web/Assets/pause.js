// A tab that nobody looks at gives its circuit back to the server, and gets a new one when somebody looks again.
(() => {
  'use strict';
  const after = Number(document.body.dataset.pauseAfter), kept = Number(document.body.dataset.pauseKept), retry = 5000, patience = 5000;
  const byId = id => document.getElementById(id), shell = () => document.querySelector('.shell:not([inert])');
  const state = byId('components-reconnect-modal');
  let last = Promise.resolve(), timer, paused = 0, place, query;

  // Looking away and back can be faster than the server; one step ends before the next begins.
  const next = step => { last = last.then(step).catch(error => console.warn(error)); };
  const wait = (step, time) => { clearTimeout(timer); timer = setTimeout(() => next(step), time); };

  // Replies that are streaming, nights that are shown, open dialogs and words that only the circuit has are not given up.
  const mayPause = () => document.hidden && !paused && window.Blazor?.pauseCircuit && shell() && !document.querySelector('[data-keep], dialog[open]') && reverie.isKept();

  async function pause() {
    if (paused || !document.hidden) return;
    if (mayPause()) {
      [place, query] = [reverie.place(), byId('search')?.value];
      await Blazor.pauseCircuit();
    }
    if (!paused) wait(pause, after);
  }

  async function resume() {
    if (!paused || document.hidden) return;
    // The server would refuse what it gave so long ago.
    if (Date.now() - paused > kept) { location.reload(); return; }
    try {
      if (!await Blazor.resumeCircuit()) { location.reload(); return; }
    } catch {
      state.classList.replace('components-reconnect-paused', 'components-reconnect-resume-failed');
      wait(resume, retry);
      return;
    }
    paused = 0;
    await rendered(() => shell() && byId('search'));
    if (query && byId('search')) {
      byId('search').value = query;
      byId('search').dispatchEvent(new Event('input', { bubbles: true }));
    }
    if (place && await rendered(() => document.querySelector('[data-key]') && byId(place.turn))) reverie.goTo(place);
  }

  const rendered = is => new Promise(done => {
    const end = performance.now() + patience;
    const look = () => is() ? done(true) : performance.now() > end ? done(false) : requestAnimationFrame(look);
    look();
  });

  // pauseCircuit() also says yes where it does nothing, as after a connection that was lost; this says what it did.
  state.addEventListener('components-reconnect-state-changed', e => {
    if (e.detail.state !== 'paused') return;
    paused = Date.now();
    // What is shown has nobody to answer it, and goes when the new circuit draws the page.
    shell().inert = true;
    reverie.releaseAll();
  });

  const look = () => document.hidden ? wait(pause, after) : (clearTimeout(timer), next(resume));
  document.addEventListener('visibilitychange', look);
  if (document.hidden) look();
})();
