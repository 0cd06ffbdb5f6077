using Reverie.Tensors;

namespace Reverie.Models;

/// <summary>
/// The memory for keys and values of all sequences of a <see cref="Generator"/>, in pages of
/// <see cref="PagedKeyValues.PageTokens"/> positions (arXiv 2309.06180). What a sequence leaves behind stays until its memory is wanted, and
/// the next sequence that begins with the same tokens begins there: whole pages are shared, the last one is copied as far as it agrees
/// (RadixAttention, arXiv 2312.07104). Sequences of different keys, which stand for adapters, have nothing in common. The system gives memory to pages only once they are written.
/// </summary>
public sealed class KvCache : IDisposable
{
    private const int PageTokens = PagedKeyValues.PageTokens;

    // Links of the tree of pages: no page, the root, and the state of a page that is not in the tree.
    private const int None = -1, Root = -1, Apart = -2;

    private readonly Arena _arena = new(blockBytes: 0);
    private readonly int[] _free;
    private readonly PageState[] _states;
    private readonly int[] _tokens;

    // Pages without content are in _free; those that no sequence uses are more: what is kept in case its tokens come again, too.
    private int _freeCount, _unused, _firstChild = None;
    private long _clock;

    /// <summary>Creates a pool.</summary>
    /// <param name="config">The model.</param>
    /// <param name="pages">Pages in all.</param>
    /// <exception cref="ReverieException">There is not enough memory.</exception>
    public KvCache(TransformerConfig config, int pages)
    {
        Values = new PagedKeyValues(_arena.Allocate(pages, PagedKeyValues.PageFloats(config.Layers, config.Attention)), config.Layers, config.Attention);
        _free = new int[pages];
        _states = new PageState[pages];
        _tokens = new int[checked(pages * PageTokens)];
        Forget();
    }

    /// <summary>The pages as the kernels see them.</summary>
    internal PagedKeyValues Values { get; }

    /// <summary>Pages that hold so many positions.</summary>
    public static int PagesFor(int tokens) => (tokens + PageTokens - 1) / PageTokens;

    /// <summary>Bytes of one page of a model.</summary>
    public static long PageBytes(TransformerConfig config) => (long)PagedKeyValues.PageFloats(config.Layers, config.Attention) * sizeof(float);

    /// <summary>How many of the first tokens have their keys and values here.</summary>
    /// <param name="tokens">What a sequence begins with.</param>
    /// <param name="key">Names what computes it, beside the model: 0, or an adapter.</param>
    public int Find(ReadOnlySpan<int> tokens, long key = 0)
    {
        int found = 0;
        for (int parent = Root, page; (page = BestChild(parent, tokens[found..], key, out int agree)) != None; parent = page)
        {
            found += agree;
            if (agree < PageTokens) break;
        }

        return found;
    }

    /// <summary>Fills <paramref name="pages"/> for a sequence that begins with <paramref name="tokens"/>, all or none.</summary>
    /// <param name="tokens">What the sequence is known to begin with.</param>
    /// <param name="pages">Receives the pages of all its positions, in order.</param>
    /// <param name="found">How many of the tokens have their keys and values in the pages.</param>
    /// <param name="key">As for <see cref="Find"/>.</param>
    public bool TryTake(ReadOnlySpan<int> tokens, Span<int> pages, out int found, long key = 0)
    {
        found = 0;
        int shared = 0, parent = Root, source = None, partial = 0;
        while (shared < pages.Length && (source = BestChild(parent, tokens[found..], key, out partial)) != None)
        {
            Hold(source);
            if (partial < PageTokens) break;
            pages[shared++] = parent = source;
            found += PageTokens;
        }

        bool copies = source != None && shared < pages.Length && partial < PageTokens;
        if (copies && pages.Length - shared > _unused)
        {
            // The page to copy from is one of those that are needed.
            Release(source);
            copies = false;
        }

        bool fits = pages.Length - shared <= _unused;
        if (fits)
        {
            for (int i = shared; i < pages.Length; i++) Hold(pages[i] = Empty());
            if (copies)
            {
                Values.Memory.Row(source).CopyTo(Values.Memory.Row(pages[shared]));
                found += partial;
            }
        }

        if (copies) Release(source);
        if (fits) return true;
        for (int i = 0; i < shared; i++) Release(pages[i]);
        found = 0;
        return false;
    }

    /// <summary>Gives a sequence one more page; false where all are in use.</summary>
    public bool TryGrow(out int page)
    {
        page = None;
        if (_unused == 0) return false;
        Hold(page = Empty());
        return true;
    }

    /// <summary>Pages in all.</summary>
    public int Pages => _states.Length;

    /// <summary>Pages that no sequence uses.</summary>
    public int UnusedPages => _unused;

    /// <summary>Lets others begin with what a sequence has computed.</summary>
    /// <param name="pages">The sequence's.</param>
    /// <param name="tokens">Its tokens whose keys and values are in the pages; those of earlier calls and more.</param>
    /// <param name="key">As for <see cref="Find"/>.</param>
    public void Publish(ReadOnlySpan<int> pages, ReadOnlySpan<int> tokens, long key = 0)
    {
        for (int i = 0, parent = Root; i * PageTokens < tokens.Length; parent = pages[i++])
        {
            ref PageState state = ref _states[pages[i]];
            ReadOnlySpan<int> own = tokens[(i * PageTokens)..Math.Min((i + 1) * PageTokens, tokens.Length)];
            if (state.Count < own.Length)
            {
                own[state.Count..].CopyTo(_tokens.AsSpan(pages[i] * PageTokens + state.Count));
                state.Count = own.Length;
            }

            if (state.Parent != Apart) continue;
            state.Key = key;
            Link(pages[i], parent);
        }
    }

    /// <summary>Gives back the pages of a sequence; those that were published are kept while there is room.</summary>
    public void Give(ReadOnlySpan<int> pages)
    {
        // From the end, so that what comes first in a sequence is forgotten last.
        for (int i = pages.Length - 1; i >= 0; i--) Release(pages[i]);
    }

    /// <summary>Forgets everything that was published. No sequence may be using a page.</summary>
    public void Forget()
    {
        // Handed out from the end: page 0 first, and what was freed last again first, because it is warm.
        for (int page = 0; page < _states.Length; page++)
        {
            _states[page] = new PageState { Parent = Apart, FirstChild = None, NextSibling = None };
            _free[_states.Length - 1 - page] = page;
        }

        (_freeCount, _unused, _firstChild) = (_states.Length, _states.Length, None);
    }

    /// <summary>Frees the memory.</summary>
    public void Dispose() => _arena.Dispose();

    private ref int FirstChild(int page) => ref page == Root ? ref _firstChild : ref _states[page].FirstChild;

    /// <summary>The page behind <paramref name="parent"/> that agrees with most of the tokens, of which at least one.</summary>
    private int BestChild(int parent, ReadOnlySpan<int> tokens, long key, out int agree)
    {
        int best = None;
        agree = 0;
        for (int page = FirstChild(parent); page != None && agree < PageTokens; page = _states[page].NextSibling)
        {
            if (_states[page].Key != key) continue;
            int common = _tokens.AsSpan(page * PageTokens, _states[page].Count).CommonPrefixLength(tokens);
            if (common > agree) (best, agree) = (page, common);
        }

        return best;
    }

    private void Hold(int page)
    {
        if (_states[page].References++ == 0) _unused--;
    }

    private void Release(int page)
    {
        ref PageState state = ref _states[page];
        if (--state.References > 0) return;
        _unused++;
        state.LastUsed = ++_clock;
        if (state.Parent == Apart) _free[_freeCount++] = page;
    }

    /// <summary>A page without content: one that never had any, or the one that nobody wanted for longest and that no other stands on.</summary>
    private int Empty()
    {
        if (_freeCount > 0) return _free[--_freeCount];
        int oldest = None;
        for (int page = 0; page < _states.Length; page++)
        {
            ref PageState state = ref _states[page];
            if (state.References == 0 && state.FirstChild == None && (oldest == None || state.LastUsed < _states[oldest].LastUsed)) oldest = page;
        }

        Unlink(oldest);
        return oldest;
    }

    private void Link(int page, int parent)
    {
        ref int first = ref FirstChild(parent);
        (_states[page].Parent, _states[page].NextSibling) = (parent, first);
        first = page;
    }

    private void Unlink(int page)
    {
        ref int link = ref FirstChild(_states[page].Parent);
        while (link != page) link = ref _states[link].NextSibling;
        link = _states[page].NextSibling;
        _states[page] = new PageState { Parent = Apart, FirstChild = None, NextSibling = None };
    }

    /// <summary>A page's place in the tree of what was computed, whose paths are the beginnings of sequences.</summary>
    private struct PageState
    {
        /// <summary>Sequences that use it.</summary>
        public int References;

        /// <summary>Its tokens that are known here.</summary>
        public int Count;

        public int Parent, FirstChild, NextSibling;

        /// <summary>What computed it, beside the model.</summary>
        public long Key;

        public long LastUsed;
    }
}
