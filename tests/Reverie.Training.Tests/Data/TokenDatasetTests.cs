using System.Text;
using CsCheck;
using Reverie.Models;
using Reverie.Tensors;
using Reverie.Worlds;

namespace Reverie.Training.Tests;

public class TokenDatasetTests
{
    private static readonly Tokenizer _tokenizer = Tokenizer.Train(["the cat sat on the mat. the dog sat on the log."], 300);

    private static readonly Document[] _documents =
    [
        new("d", "the cat sat on the mat."),
        new("d", "é 😀"),
        new("d", [new Message(Role.User, "the dog?"), new Message(Role.Assistant, "<think>the log</think>sat é")]),
        new("d", new string('x', 3000)),
        new("d", "the"),
    ];

    [Fact]
    public void Documents_come_back_from_disk_with_end_of_text_and_the_words_of_the_assistant()
    {
        using var folder = new TemporaryFolder();
        using TokenDataset data = Build(folder);
        Assert.Equal(5, data.Count);
        Assert.Equal([.. _tokenizer.Encode("the cat sat on the mat."), _tokenizer.EndOfText], data.Get(0).Tokens);
        Assert.Equal([23, 7, 8 + 28, 3000, 3], Enumerable.Range(0, 5).Select(data.ByteCount));
        TokenizedConversation conversation = _tokenizer.ChatTemplate.Render(_documents[2].Messages!, false);
        Assert.Equal([.. conversation.Tokens, _tokenizer.EndOfText], data.Get(2).Tokens);
        Assert.Equal([.. conversation.FromAssistant, false], data.Get(2).FromAssistant!);
        Assert.DoesNotContain(true, data.Get(3).FromAssistant!);
        Assert.Equal(data.Tokens, Enumerable.Range(0, 5).Sum(i => (long)data.Length(i)));
        Assert.Equal(data.Bytes, Enumerable.Range(0, 5).Sum(i => (long)data.ByteCount(i)));
    }

    [Fact]
    public void Disk_and_memory_hold_the_same_at_any_number_of_shards_and_threads() =>
        Gen.Select(Gen.Int[1, 4000], Gen.Int[1, 3]).Sample((shardTokens, threads) =>
        {
            using var folder = new TemporaryFolder();
            var options = new TokenDatasetOptions { ShardTokens = shardTokens, Threads = threads };
            using TokenDataset disk = TokenDataset.Build(new ListCorpus("d", _documents), Split.Train, 1, _tokenizer, folder.Path, options);
            using TokenDataset memory = TokenDataset.InMemory(new ListCorpus("d", _documents), Split.Train, 1, _tokenizer);
            Assert.Equal((memory.Count, memory.Tokens, memory.Bytes), (disk.Count, disk.Tokens, disk.Bytes));
            for (int i = 0; i < disk.Count; i++)
            {
                Assert.Equal(memory.Get(i).Tokens, disk.Get(i).Tokens);
                Assert.Equal(memory.Get(i).FromAssistant, disk.Get(i).FromAssistant);
                int middle = disk.Length(i) / 2;
                bool[] rest = new bool[disk.Length(i) - middle];
                disk.ReadFromAssistant(i, middle, rest);
                Assert.Equal(memory.Get(i).FromAssistant!.Skip(middle), rest);
            }

            Assert.Throws<ArgumentOutOfRangeException>(() => disk.ReadTokens(0, 1, new int[disk.Length(0)]));
        }, iter: 30);

    [Fact]
    public void Threads_do_not_change_a_byte()
    {
        var random = new RandomStream(1, "documents");
        Document[] many = [.. Enumerable.Range(0, 3000).Select(i => new Document("d", string.Concat(Enumerable.Range(0, random.Next(1, 200)).Select(_ => random.Pick(["the ", "cat ", "é", "\n", "dog"])))))];
        string[] Bytes(int threads)
        {
            using var folder = new TemporaryFolder();
            using TokenDataset data = TokenDataset.Build(new ListCorpus("d", many), Split.Train, 1, _tokenizer, folder.Path, new TokenDatasetOptions { Threads = threads, ShardTokens = 50_000 });
            return [.. Directory.GetFiles(folder.Path).Order(StringComparer.Ordinal).Select(f => Path.GetFileName(f) + Convert.ToBase64String(File.ReadAllBytes(f)))];
        }

        string[] one = Bytes(1);
        Assert.True(one.Length > 6);
        Assert.Equal(one, Bytes(2));
    }

    [Fact]
    public void Bytes_per_token_add_up_to_the_text()
    {
        using TokenDataset data = TokenDataset.InMemory(new ListCorpus("d", _documents), Split.Train, 1, _tokenizer);
        for (int i = 0; i < data.Count; i++)
        {
            // The template's own words, such as the role's name, are the only other bytes.
            int sum = 0;
            foreach (int token in data.Get(i).Tokens) sum += data.TokenBytes[token];
            Assert.Equal(data.ByteCount(i) + (i == 2 ? Encoding.UTF8.GetByteCount("user\n\nassistant\n\n") : 0), sum);
        }
    }

    [Fact]
    public void The_same_request_is_not_tokenised_twice_and_another_one_is()
    {
        using var folder = new TemporaryFolder();
        var corpus = new ListCorpus("d", _documents);
        TokenDataset Run(ulong seed = 1, Split split = Split.Train, long maximum = long.MaxValue, Tokenizer? tokenizer = null) =>
            TokenDataset.Build(corpus, split, seed, tokenizer ?? _tokenizer, folder.Path, new TokenDatasetOptions { MaximumTokens = maximum });
        Run().Dispose();
        Run().Dispose();
        Assert.Equal(1, corpus.TimesRead);
        Run(seed: 2).Dispose();
        Run(split: Split.HeldOut).Dispose();
        Run(maximum: 10).Dispose();
        Run(tokenizer: Tokenizer.Train(["other words"], 280)).Dispose();
        Assert.Equal(5, corpus.TimesRead);
        Run().Dispose();
        File.WriteAllBytes(folder.At("tokens-00000.bin"), [1, 2, 3]);
        using TokenDataset repaired = Run();
        Assert.Equal(7, corpus.TimesRead);
        Assert.Equal(5, repaired.Count);
    }

    [Fact]
    public void Endless_generators_stop_with_the_document_that_reaches_the_limit()
    {
        static IEnumerable<Document> Endless()
        {
            while (true) yield return new Document("d", "the cat");
        }

        using var folder = new TemporaryFolder();
        int length = _tokenizer.Encode("the cat").Length + 1;
        var options = new TokenDatasetOptions { MaximumTokens = 100 * length - 1 };
        using TokenDataset disk = TokenDataset.Build(new ListCorpus("d", Endless()), Split.Train, 1, _tokenizer, folder.Path, options);
        using TokenDataset memory = TokenDataset.InMemory(new ListCorpus("d", Endless()), Split.Train, 1, _tokenizer, options);
        Assert.Equal((100, 100), (disk.Count, memory.Count));
    }

    [Fact]
    public void A_build_that_is_stopped_or_fails_leaves_nothing_that_looks_whole()
    {
        using var folder = new TemporaryFolder();
        Build(folder).Dispose();
        using var cancel = new CancellationTokenSource();
        IEnumerable<Document> Stops()
        {
            for (int i = 0; i < 10_000; i++)
            {
                if (i == 5000) cancel.Cancel();
                yield return new Document("d", "the cat sat");
            }
        }

        IEnumerable<Document> Fails()
        {
            for (int i = 0; i < 5000; i++) yield return new Document("d", "the cat sat");
            throw new ReverieException("file:7: damaged; repair it.");
        }

        Assert.ThrowsAny<OperationCanceledException>(() => TokenDataset.Build(new ListCorpus("stops", Stops()), Split.Train, 1, _tokenizer, folder.Path, cancel: cancel.Token));
        Assert.Contains("no whole data set", Refusal.Of(() => TokenDataset.Open(folder.Path, _tokenizer)));
        Assert.Contains("file:7", Refusal.Of(() => TokenDataset.Build(new ListCorpus("fails", Fails()), Split.Train, 1, _tokenizer, folder.Path)));
        Assert.Contains("no whole data set", Refusal.Of(() => TokenDataset.Open(folder.Path, _tokenizer)));
    }

    [Fact]
    public void A_split_without_documents_gives_an_empty_data_set()
    {
        using var folder = new TemporaryFolder();
        using TokenDataset data = TokenDataset.Build(new ListCorpus("d", []), Split.HeldOut, 1, _tokenizer, folder.Path);
        Assert.Equal((0, 0L), (data.Count, data.Tokens));
        Assert.Contains("no document", Refusal.Of(() => new MixtureReader([new(data, 1)], 8, 1)));
    }

    [Fact]
    public void Damaged_shards_are_refused()
    {
        using var folder = new TemporaryFolder();
        Build(folder).Dispose();
        var random = new RandomStream(3, "damage");
        string[] files = [.. Directory.GetFiles(folder.Path).Order(StringComparer.Ordinal)];
        Assert.Equal(4, files.Length);
        foreach (string file in files.Where(f => f.EndsWith(".bin", StringComparison.Ordinal)))
        {
            byte[] good = File.ReadAllBytes(file);
            for (int i = 0; i < 20; i++)
            {
                byte[] bytes = [.. good];
                bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
                if (i == 0) bytes = bytes[..^1];
                if (i == 1) bytes = [.. good, 0];
                File.WriteAllBytes(file, bytes);
                Assert.Contains("damaged", Refusal.Of(() => TokenDataset.Open(folder.Path, _tokenizer)));
            }

            File.Delete(file);
            Refusal.Of(() => TokenDataset.Open(folder.Path, _tokenizer));
            File.WriteAllBytes(file, good);
        }

        TokenDataset.Open(folder.Path, _tokenizer).Dispose();
        Assert.Contains("another tokenizer", Refusal.Of(() => TokenDataset.Open(folder.Path, Tokenizer.Train(["other"], 280))));
    }

    [Fact]
    public void A_damaged_manifest_is_refused_or_gives_the_same_tokens()
    {
        using var folder = new TemporaryFolder();
        using TokenDataset original = Build(folder);
        int[][] tokens = [.. Enumerable.Range(0, 5).Select(i => original.Get(i).Tokens)];
        string path = folder.At("manifest.json");
        byte[] good = File.ReadAllBytes(path);
        Gen.Select(Gen.Int[0, good.Length - 1], Gen.Byte, Gen.Int[0, good.Length]).Array[1, 3].Sample(
            changes =>
            {
                byte[] bytes = [.. good];
                foreach ((int at, byte value, _) in changes) bytes[at] = value;
                if (changes[0].Item3 % 10 == 0) bytes = bytes[..changes[0].Item3];
                File.WriteAllBytes(path, bytes);
                try
                {
                    using TokenDataset data = TokenDataset.Open(folder.Path, _tokenizer);
                    Assert.Equal(tokens, Enumerable.Range(0, data.Count).Select(i => data.Get(i).Tokens));
                }
                catch (ReverieException e)
                {
                    Assert.Contains(folder.Path, e.Message);
                    Assert.DoesNotContain('\n', e.Message);
                }
            },
            iter: 600,
            threads: 1);
    }

    [Fact]
    public void Shards_that_shrink_while_in_use_give_a_message()
    {
        using var folder = new TemporaryFolder();
        using TokenDataset data = Build(folder);
        using (var file = new FileStream(folder.At("tokens-00000.bin"), FileMode.Open, FileAccess.Write, FileShare.ReadWrite)) file.SetLength(10);
        Assert.Contains("shorter", Refusal.Of(() => data.Get(4)));
    }

    [Fact]
    public void A_folder_that_cannot_be_written_gives_a_message()
    {
        using var folder = new TemporaryFolder();
        string file = folder.Write("file", "x");
        Assert.Contains("Cannot write", Refusal.Of(() => TokenDataset.Build(new ListCorpus("d", _documents), Split.Train, 1, _tokenizer, Path.Combine(file, "data"))));
    }

    [Fact]
    public void Reading_from_disk_makes_no_garbage()
    {
        using var folder = new TemporaryFolder();
        using TokenDataset data = Build(folder);
        var reader = new MixtureReader([new(data, 1)], 64, 1, new LossWeights(Text: 1, Others: 0));
        var batch = new Batch(256);
        long Allocated()
        {
            // A new epoch makes a new permutation; that one stream is all there may be.
            while (reader.State.Sources[0].Position > 5) reader.Next(batch);
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < 5; i++) reader.Next(batch);
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }

        Allocated();
        Assert.Equal(0, Allocated());
    }

    private static TokenDataset Build(TemporaryFolder folder) =>
        TokenDataset.Build(new ListCorpus("d", _documents), Split.Train, 1, _tokenizer, folder.Path);
}
