using Reverie.Tensors;

namespace Reverie.Models;

/// <summary>The pages that running sequences have of a <see cref="KvCache"/>.</summary>
internal sealed class SequencePages(KvCache cache)
{
    /// <summary>
    /// Pages for what a sequence has to compute before its next token. More come as it grows: pages for all that it may say would stand empty
    /// mostly, since the most is much more than the usual. One page for each of the others is left, so that nobody has to make room at once.
    /// </summary>
    /// <param name="generation">It has none yet.</param>
    /// <param name="adapter">What it is computed with.</param>
    /// <param name="others">How many sequences run.</param>
    public bool TryGive(Generation generation, Adapter? adapter, int others)
    {
        // The last token of the prompt is computed in any case: the next one is drawn from its output.
        ReadOnlySpan<int> known = generation.Request.IsEmbedding ? [] : generation.AllTokens[..^1];
        int count = KvCache.PagesFor(generation.Count);
        generation.Adapter = adapter;
        if (others > 0 && count + others > cache.UnusedPages + cache.Find(known, generation.CacheKey) / PagedKeyValues.PageTokens) return false;
        int[] pages = new int[KvCache.PagesFor(generation.Limit)];
        if (!cache.TryTake(known, pages.AsSpan(0, count), out int found, generation.CacheKey)) return false;
        (generation.Pages, generation.PageCount, generation.Cached) = (pages, count, found);
        if (generation.StartedTimestamp == 0) generation.ReusedTokens = found;
        return true;
    }

    /// <summary>Sees to it that there are pages for all tokens so far; false where all are in use.</summary>
    public bool TryGrow(Generation generation)
    {
        while (generation.PageCount < KvCache.PagesFor(generation.Count))
        {
            if (!cache.TryGrow(out int page)) return false;
            generation.Pages[generation.PageCount++] = page;
        }

        return true;
    }

    /// <summary>Lets others use what is computed: the prompt at once, what follows page by page.</summary>
    public void Publish(Generation generation)
    {
        int cached = generation.Cached, published = generation.Published;
        if (generation.Request.IsEmbedding) return;
        if (cached < generation.PromptLength || (published >= generation.PromptLength && cached / PagedKeyValues.PageTokens == published / PagedKeyValues.PageTokens)) return;
        cache.Publish(generation.Pages, generation.AllTokens[..cached], generation.CacheKey);
        generation.Published = cached;
    }

    /// <summary>Takes all pages back; what is in them is kept while there is room.</summary>
    public void GiveBack(Generation generation)
    {
        if (!generation.Request.IsEmbedding) cache.Publish(generation.Pages, generation.AllTokens[..generation.Cached], generation.CacheKey);
        cache.Give(generation.Pages.AsSpan(0, generation.PageCount));
        (generation.Pages, generation.PageCount) = ([], 0);
    }
}
