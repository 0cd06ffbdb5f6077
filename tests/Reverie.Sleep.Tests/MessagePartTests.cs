using CsCheck;
using Reverie.Tensors;

namespace Reverie.Sleep.Tests;

public sealed class MessagePartTests
{
    private static readonly Gen<(Provenance, string)[]> _pieces = Gen.Select(Gen.Enum<Provenance>(), Gen.String[0, 9]).Array[0, 8];

    [Fact]
    public void Pieces_of_any_sources_tile_their_text() => _pieces.Sample(pieces =>
    {
        MessagePart part = MessagePart.Mixed(PartKind.Text, pieces).Validate();
        Assert.Equal(string.Concat(pieces.Select(p => p.Item2)), part.Text);
        Assert.Equal(pieces.Where(p => p.Item2.Length > 0).Select(p => (p.Item1, p.Item2)), part.Spans.Select(s => (s.Source, part.Text.Substring(s.Start, s.Length))));
    });

    [Fact]
    public void A_span_that_is_moved_lost_or_doubled_is_refused() => Gen.Select(_pieces, Gen.Int, Gen.Int[-3, 3], Gen.Int[0, 3]).Sample((pieces, which, by, how) =>
    {
        MessagePart part = MessagePart.Mixed(PartKind.Text, pieces);
        if (part.Spans.Count == 0) return;
        var spans = part.Spans.ToList();
        int index = (int)((uint)which % spans.Count);
        ProvenanceSpan span = spans[index];
        if (how == 0) spans.RemoveAt(index);
        else if (how == 1) spans.Insert(index, span);
        else if (how == 2) spans[index] = span with { Start = span.Start + (by == 0 ? int.MaxValue : by) };
        else spans[index] = span with { Length = by == 0 ? int.MaxValue : span.Length + by };
        Assert.Throws<ReverieException>(() => (part with { Spans = spans }).Validate());
    });
}
