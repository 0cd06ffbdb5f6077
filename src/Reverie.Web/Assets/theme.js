// Before anything is shown: the colours that were chosen, so that a dark page does not flash.
(() => {
  try {
    const theme = localStorage.getItem('reverie.theme');
    if (theme === 'dark' || theme === 'light') document.documentElement.dataset.theme = theme;
    if (localStorage.getItem('reverie.sidebar') === 'closed') document.documentElement.dataset.sidebar = 'closed';
  } catch { /* A browser that keeps nothing follows the system's colours. */ }
})();
