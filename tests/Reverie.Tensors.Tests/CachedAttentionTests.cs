using CsCheck;

namespace Reverie.Tensors.Tests;

/// <summary>Decoding is the trainer's own arithmetic: a cache filled in any pieces, in any batch, gives the bits of the whole sequence at once.</summary>
public sealed class CachedAttentionTests : IDisposable
{
    private readonly IKernels _two = new CpuKernels(2), _three = new CpuKernels(3);
    private readonly Arena _arena = new(1 << 20);

    private static readonly Gen<AttentionShape> Shapes = Gen.Select(Gen.OneOf(2, 6, 8, 16, 24, 32, 64), Gen.Int[1, 2], Gen.Int[1, 3], Gen.OneOf(0, 0, 1, 7, 64, 100))
        .Select((d, keyHeads, group, window) => new AttentionShape(keyHeads * group, keyHeads, d, Window: window));

    public void Dispose()
    {
        _two.Dispose();
        _three.Dispose();
        _arena.Dispose();
    }

    [Fact]
    public void Any_chunks_in_any_batch_give_the_bits_of_the_whole_sequence() => Gen.Select(Shapes, Gen.OneOf(1, 5, 63, 64, 65, 130, 200), Gen.OneOf(1, 3, 40, 200), Gen.Bool, Gen.Bool).Sample((shape, longest, chunk, normed, threeThreads) =>
    {
        _arena.Reset();
        var random = new RandomStream(1, $"{shape} {longest} {chunk} {normed}");
        int sequences = 1 + random.Next(4);
        int[] lengths = [.. Enumerable.Range(0, sequences).Select(_ => 1 + random.Next(longest))];
        Tensor? queryGain = normed ? Draw.Tensor(_arena, random, 1, shape.HeadDimension) : null, keyGain = normed ? Draw.Tensor(_arena, random, 1, shape.HeadDimension) : null;
        Tensor[] projections = [.. lengths.Select(length => Draw.Tensor(_arena, random, length, shape.ProjectionColumns))];
        Tensor[] expected = [.. projections.Select(p => Whole(p, queryGain, keyGain, shape))];

        // Pages in random order, and full of NaN, so that nothing may be read before it is written.
        const int Layers = 2;
        int[] pageCounts = [.. lengths.Select(length => (length + 63) / 64)];
        int[] rows = [.. Enumerable.Range(0, pageCounts.Sum())];
        random.Shuffle<int>(rows);
        Tensor memory = _arena.Allocate(rows.Length, PagedKeyValues.PageFloats(Layers, shape));
        memory.Span.Fill(float.NaN);
        int taken = 0;
        int[][] pages = [.. pageCounts.Select(count => rows[taken..(taken += count)])];
        var done = new int[sequences];
        var cache = new PagedKeyValues(memory, Layers, shape);
        while (done.Zip(lengths).Any(p => p.First < p.Second))
        {
            int[] members = [.. Enumerable.Range(0, sequences).Where(s => done[s] < lengths[s] && (random.Next(3) > 0 || sequences == 1))];
            int[] news = [.. members.Select(s => Math.Min(lengths[s] - done[s], 1 + random.Next(chunk)))];
            if (members.Length == 0) continue;
            cache.Past = [.. members.Select(s => done[s])];
            cache.Pages = [.. members.Select(s => pages[s])];
            Tensor batch = _arena.Allocate(news.Sum(), shape.ProjectionColumns), output = _arena.Allocate(batch.Rows, shape.OutputColumns);
            var segments = new Segment[members.Length];
            for (int i = 0, at = 0; i < members.Length; at += news[i++])
            {
                segments[i] = new Segment(at, news[i]);
                for (int t = 0; t < news[i]; t++) projections[members[i]].Row(done[members[i]] + t).CopyTo(batch.Row(at + t));
            }

            (threeThreads ? _three : _two).CachedAttention(batch, queryGain, keyGain, shape, segments, cache, layer: 1, output);
            for (int i = 0; i < members.Length; i++)
            {
                for (int t = 0; t < news[i]; t++) Draw.SameBits(expected[members[i]].Row(done[members[i]] + t), output.Row(segments[i].Start + t));
                done[members[i]] += news[i];
            }
        }
    }, iter: Draw.Iterations(60), threads: 1);

    private Tensor Whole(Tensor projection, Tensor? queryGain, Tensor? keyGain, AttentionShape shape)
    {
        Tensor output = _arena.Allocate(projection.Rows, shape.OutputColumns), logSumExp = _arena.Allocate(projection.Rows, shape.Heads);
        _two.Attention(projection, queryGain, keyGain, shape, [new Segment(0, projection.Rows)], output, logSumExp);
        return output;
    }
}
