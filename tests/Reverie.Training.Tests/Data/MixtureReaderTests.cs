using System.Text.Json;
using CsCheck;
using Reverie.Tensors;

namespace Reverie.Training.Tests;

public class MixtureReaderTests
{
    [Fact]
    public void Resumed_reader_gives_the_batches_of_the_uninterrupted_one() =>
        Gen.Select(RandomData.Lengths, RandomData.Lengths, Gen.Int[1, 12], Gen.Int[0, 30], Gen.ULong).Sample((a, b, sequence, before, seed) =>
        {
            MixtureSource[] sources = [new(RandomData.Create("a", a), 1), new(RandomData.Create("b", b, 10_000), 2.5)];
            var batch = new Batch(sequence + 7);
            var uninterrupted = new MixtureReader(sources, sequence, seed, loss: LossWeights.Assistant);
            for (int i = 0; i < before; i++) uninterrupted.Next(batch);
            string saved = JsonSerializer.Serialize(uninterrupted.State);
            var resumed = new MixtureReader(sources, sequence, seed, loss: LossWeights.Assistant) { State = JsonSerializer.Deserialize<MixtureState>(saved)! };
            for (int i = 0; i < 20; i++)
            {
                uninterrupted.Next(batch);
                string expected = RandomData.Describe(batch);
                resumed.Next(batch);
                Assert.Equal(expected, RandomData.Describe(batch));
            }
        });

    [Fact]
    public void Every_target_is_predicted_once_per_epoch_from_its_own_document() =>
        Gen.Select(RandomData.Lengths, Gen.Int[1, 50], Gen.Int[0, 20], Gen.ULong).Sample((lengths, sequence, spare, seed) =>
        {
            var reader = new MixtureReader([new(RandomData.Create("a", lengths), 1)], sequence, seed);
            var batch = new Batch(sequence + spare);
            int[] seen = new int[lengths.Sum()];
            long epochTokens = lengths.Sum(n => Math.Max(0, n - 1));
            long read = 0;
            while (read < 2 * epochTokens)
            {
                reader.Next(batch);
                int position = 0;
                for (int s = 0; s < batch.SegmentCount; s++)
                {
                    Segment segment = batch.Segments[s];
                    Assert.Equal(position, segment.Start);
                    Assert.InRange(segment.Length, 1, sequence);
                    position += segment.Length;
                    for (int i = segment.Start; i < position && read < 2 * epochTokens; i++, read++)
                    {
                        Assert.Equal(batch.Tokens[i] + 1, batch.Targets[i]);
                        if (i > segment.Start) Assert.Equal(batch.Targets[i - 1], batch.Tokens[i]);
                        seen[batch.Targets[i]]++;
                        // Nothing is read a second time before everything was read once.
                        Assert.True(seen[batch.Targets[i]] <= 1 + (read / epochTokens));
                    }
                }

                Assert.Equal(position, batch.TokenCount);
            }

            int first = 0;
            foreach (int length in lengths)
            {
                for (int i = 0; i < length; i++) Assert.Equal(i == 0 ? 0 : 2, seen[first + i]);
                first += length;
            }
        });

    [Fact]
    public void Epochs_come_in_different_orders_and_seeds_too()
    {
        TokenDataset data = RandomData.Create("a", [.. Enumerable.Repeat(5, 50)]);
        string[] Orders(ulong seed)
        {
            var reader = new MixtureReader([new(data, 1)], 8, seed);
            var batch = new Batch(200);
            return [.. Enumerable.Range(0, 3).Select(_ =>
            {
                reader.Next(batch);
                return RandomData.Describe(batch);
            })];
        }

        Assert.Equal(6, Orders(1).Concat(Orders(2)).Distinct().Count());
        Assert.Equal(Orders(1), Orders(1));
    }

    [Fact]
    public void Shares_of_tokens_are_met_within_a_few_segments_at_any_time() =>
        Gen.Select(Gen.Double[0.01, 5].Array[1, 6], Gen.Int[1, 10], Gen.ULong).Sample((weights, sequence, seed) =>
        {
            MixtureSource[] sources = [.. weights.Select((w, i) => new MixtureSource(RandomData.Create($"s{i}", [3 + (7 * i), 11, 2], 1000 * i), w))];
            var reader = new MixtureReader(sources, sequence, seed);
            var batch = new Batch(64);
            long[] drawn = new long[weights.Length];
            for (int n = 0; n < 20; n++)
            {
                reader.Next(batch);
                for (int i = 0; i < batch.TokenCount; i++) drawn[batch.Tokens[i] / 1000]++;
                long total = drawn.Sum();
                for (int s = 0; s < weights.Length; s++)
                    Assert.InRange(drawn[s] - (total * weights[s] / weights.Sum()), -sequence * weights.Length, sequence * weights.Length);
            }

            Assert.Equal(drawn, reader.State.Sources.Select(s => s.Tokens));
        });

    [Fact]
    public void A_batch_is_full_up_to_the_segment_that_did_not_fit() =>
        Gen.Select(RandomData.Lengths, Gen.Int[1, 12], Gen.Int[0, 60], Gen.ULong).Sample((lengths, sequence, spare, seed) =>
        {
            var reader = new MixtureReader([new(RandomData.Create("a", lengths), 1)], sequence, seed);
            var batch = new Batch(sequence + spare);
            reader.Next(batch);
            for (int i = 0; i < 20; i++)
            {
                int free = batch.Capacity - batch.TokenCount;
                reader.Next(batch);
                Assert.True(batch.Segments[0].Length > free);
            }
        });

    [Fact]
    public void Assistant_only_masks_everything_else_and_counts_what_is_left()
    {
        int[] tokenBytes = [.. Enumerable.Range(0, 40).Select(t => t == 6 ? 0 : 2)];
        TokenDataset data = RandomData.Create("a", [10, 2, 20], 0, tokenBytes);
        var batch = new Batch(64);
        new MixtureReader([new(data, 1)], 30, 1, loss: LossWeights.Assistant).Next(batch);
        int supervised = 0;
        for (int i = 0; i < batch.TokenCount; i++)
        {
            Assert.Equal(batch.Targets[i] % 3 == 0 ? 1f : 0f, batch.CeWeights[i]);
            supervised += batch.Targets[i] % 3 == 0 ? 1 : 0;
        }

        Assert.Equal(supervised, batch.SupervisedTokens);
        Assert.Equal(batch.Targets.Take(batch.TokenCount).Where(t => t % 3 == 0).Sum(t => (long)tokenBytes[t]), batch.Bytes);

        var plain = TokenDataset.InMemory("plain", [new([1, 2, 3], null, 3)], tokenBytes);
        new MixtureReader([new(plain, 1)], 30, 1, loss: LossWeights.Assistant).Next(batch);
        Assert.Equal((0, 0L), (batch.SupervisedTokens, batch.Bytes));
        new MixtureReader([new(plain, 1)], 30, 1).Next(batch);
        Assert.Equal(batch.TokenCount, batch.SupervisedTokens);
    }

    [Fact]
    public void Reading_makes_no_garbage()
    {
        var reader = new MixtureReader([new(RandomData.Create("a", [.. Enumerable.Repeat(20, 10_000)]), 1), new(RandomData.Create("b", [.. Enumerable.Repeat(30, 10_000)]), 1)], 16, 1);
        var batch = new Batch(512);
        for (int i = 0; i < 50; i++) reader.Next(batch);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++) reader.Next(batch);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Fact]
    public void Evaluation_reads_every_target_once_and_again_the_same_way() =>
        Gen.Select(RandomData.Lengths, Gen.Int[1, 20], Gen.Int[0, 20]).Sample((lengths, sequence, spare) =>
        {
            var reader = new EvaluationReader(RandomData.Create("a", lengths), sequence);
            var batch = new Batch(sequence + spare);
            List<int> Pass()
            {
                var targets = new List<int>();
                while (reader.Next(batch)) targets.AddRange(batch.Targets.Take(batch.TokenCount));
                return targets;
            }

            List<int> first = Pass();
            Assert.Equal(lengths.Sum(n => Math.Max(0, n - 1)), first.Count);
            Assert.Equal(first.Count, first.Distinct().Count());
            Assert.Equal(first.Count, reader.Tokens);
            Assert.Equal(first, Pass());
        });

    [Fact]
    public void Evaluation_stops_at_its_limit()
    {
        TokenDataset data = RandomData.Create("a", [.. Enumerable.Repeat(11, 100)]);
        var reader = new EvaluationReader(data, 64, maximumTokens: 105);
        var batch = new Batch(64);
        int tokens = 0;
        while (reader.Next(batch)) tokens += batch.TokenCount;
        Assert.Equal(100, tokens);
        Assert.Throws<ReverieException>(() => new EvaluationReader(data, 64, maximumTokens: 9));
    }

    [Fact]
    public void Unusable_mixtures_are_refused_with_one_line()
    {
        TokenDataset a = RandomData.Create("a", [5, 5]);
        TokenDataset longer = RandomData.Create("a", [5, 5, 5]);
        TokenDataset single = RandomData.Create("b", [1, 0, 1]);
        Assert.Contains("b", Refusal.Of(() => new MixtureReader([new(single, 1)], 8, 1)));
        Assert.Contains("empty", Refusal.Of(() => new MixtureReader([], 8, 1)));
        Assert.Contains("empty", Refusal.Of(() => new MixtureReader([new(a, 0)], 8, 1)));
        Assert.Contains("weight", Refusal.Of(() => new MixtureReader([new(a, double.NaN)], 8, 1)));
        Assert.Contains("twice", Refusal.Of(() => new MixtureReader([new(a, 1), new(longer, 1)], 8, 1)));
        Assert.Contains("enlarge", Refusal.Of(() => new MixtureReader([new(a, 1)], 8, 1).Next(new Batch(7))));
        MixtureState state = new MixtureReader([new(a, 1)], 8, 1).State;
        Assert.Contains("restore", Refusal.Of(() => new MixtureReader([new(longer, 1)], 8, 1).State = state));
        Assert.Contains("another", Refusal.Of(() => new MixtureReader([new(a, 1)], 8, 2).State = state));
        Assert.Contains("outside", Refusal.Of(() => new MixtureReader([new(a, 1)], 8, 1).State = state with { Sources = [state.Sources[0] with { Position = 2 }] }));
    }
}
