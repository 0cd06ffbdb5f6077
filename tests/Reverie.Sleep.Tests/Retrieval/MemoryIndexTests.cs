using System.Diagnostics;
using CsCheck;
using Microsoft.Extensions.AI;

namespace Reverie.Sleep.Tests.Retrieval;

public sealed class MemoryIndexTests
{
    private static readonly DateTimeOffset _day = new(2026, 11, 1, 8, 0, 0, TimeSpan.Zero);

    // Words without endings that could be taken off.
    private static readonly Gen<string> _sentences = Gen.Int[0, 7].Select(i => $"k{i}").Array[1, 6].Select(words => string.Join(' ', words));

    [Fact]
    public void Ranks_are_those_of_bm25_word_for_word() => Gen.Select(_sentences.Array[0, 20], Gen.Int[0, 3].Array[20], _sentences, Gen.Int[1, 8]).Sample((said, days, query, k) =>
    {
        var index = new MemoryIndex();
        for (int i = 0; i < said.Length; i++) index.Add(said[i], _day.AddDays(days[i]), $"m{i:00}", "c", i);
        (string Text, double Score, int Newest)[] all = [.. Naive(said, days, query)], expected = [.. all.Take(k)];
        IReadOnlyList<RecalledMemory> found = index.Find(query, k);
        Assert.Equal(expected.Length, found.Count);
        // Sums in another order differ in their last bits, and what is equal but for these may stand either way.
        Assert.All(expected.Zip(found), pair => Assert.Equal(pair.First.Score, pair.Second.Score, 1e-9));
        Assert.All(found, f => Assert.Contains(all, e => e.Text == f.Text && $"m{e.Newest:00}" == f.Message && Math.Abs(e.Score - f.Score) < 1e-9));
        Assert.Equal(found.Count, found.Select(f => f.Message).Distinct().Count());
    });

    [Fact]
    public void What_was_added_and_removed_leaves_no_trace() => Gen.Select(_sentences.Array[1, 20], _sentences.Array[0, 20], _sentences).Sample((kept, gone, query) =>
    {
        MemoryIndex changed = new(), fresh = new();
        for (int i = 0; i < Math.Max(kept.Length, gone.Length); i++)
        {
            if (i < gone.Length) changed.Add(gone[i], _day, $"gone{i / 2}");
            if (i >= kept.Length) continue;
            changed.Add(kept[i], _day, $"kept{i}");
            fresh.Add(kept[i], _day, $"kept{i}");
        }

        for (int i = 0; i < gone.Length; i++) changed.Remove($"gone{i / 2}");
        Assert.Equal(fresh.Count, changed.Count);
        Assert.Equal(fresh.Messages.Order(), changed.Messages.Order());
        Assert.Equal(fresh.Find(query, 30), changed.Find(query, 30));
    });

    [Theory]
    [InlineData("What is my dog called?", "My dog is called Rufus.")]
    [InlineData("Where do I live now?", "I have lived in Vell since May.")]
    [InlineData("Wo wohnt meine SCHWESTER?", "Meine Schwester wohnt in Köln.")]
    [InlineData("What am I called?", "My name is Ada.")]
    [InlineData("I wonder what the lumo eats for breakfast in the garden.", "The lumo eats apples.")]
    [InlineData("Which studies did Anna begin?", "Anna is studying physics.")]
    [InlineData("Do you remember what I told you about the bicycles?", "I own a bicycle.")]
    public void A_question_finds_what_answers_it(string question, string answer)
    {
        MemoryIndex index = Talk();
        Assert.Equal(answer, index.Find(question, 5)[0].Text);
    }

    [Theory]
    [InlineData("What is it that you do and who are you?")]
    [InlineData("Is there any of this in that?")]
    [InlineData("Please tell me, do you know?")]
    [InlineData("I and my me mine")]
    [InlineData("Explain quantum chromodynamics and the strong nuclear force with a dog.")]
    [InlineData("")]
    public void What_has_nothing_to_do_with_the_journal_finds_nothing(string question) => Assert.Empty(Talk().Find(question, 5));

    [Fact]
    public void Of_what_was_said_twice_the_newest_is_told_once_and_the_newer_of_two_answers_comes_first()
    {
        var index = new MemoryIndex();
        index.Add("My dog is called Rufus.", _day, "a", "x", 1);
        index.Add("Well, my DOG is called Rufus!", _day.AddDays(1), "b", "y", 2);
        index.Add("My dog is called Max.", _day.AddDays(2), "c", "z", 3);
        index.Add("My dog is not called Max.", _day.AddDays(3), "d", "z", 4);
        Assert.Equal(["d", "c", "b"], index.Find("my dog is called?", 5).Select(m => m.Message));
        Assert.Equal(["a"], index.Find("my dog is called?", 5, before: _day.AddDays(1)).Select(m => m.Message));
        Assert.Equal(["c", "a"], index.Find("my dog is called?", 5, except: new HashSet<string> { "b", "d" }).Select(m => m.Message));
        index.Remove("b");
        Assert.Equal("My dog is called Rufus.", index.Find("Rufus", 1)[0].Text);
    }

    [Fact]
    public async Task Meaning_finds_what_no_word_of_the_question_says()
    {
        var meanings = new Meanings(("My dog is called Rufus.", [1, 0, 0]), ("I own a bicycle.", [0, 1, 0]), ("Which pet do I keep?", [3, 0.5f, 0]), ("Which bicycle does my dog ride?", [1, 1, 0]), ("How is the weather?", [0, 0, 1]));
        var index = new MemoryIndex(meanings);
        index.Add("My dog is called Rufus.", _day, "a");
        index.Add("I own a bicycle.", _day, "b");
        Assert.Equal(["a"], (await index.FindAsync("Which pet do I keep?", 5, cancellation: TestContext.Current.CancellationToken)).Select(m => m.Message));
        Assert.Empty(await index.FindAsync("How is the weather?", 5, cancellation: TestContext.Current.CancellationToken));
        // Each is first in one ranking and second in the other; the newer one by its id.
        Assert.Equal(2, (await index.FindAsync("Which bicycle does my dog ride?", 5, cancellation: TestContext.Current.CancellationToken)).Count);
        Assert.Equal(3 + 2, meanings.Made);
    }

    [Fact]
    public void A_hundred_thousand_statements_are_searched_and_taken_away_again()
    {
        var random = new Random(7);
        string[] words = [.. Enumerable.Range(0, 20_000).Select(i => $"w{i}")];
        var index = new MemoryIndex();
        // As in talk, few words are in most sentences.
        for (int i = 0; i < 100_000; i++) index.Add($"{string.Join(' ', Enumerable.Range(0, 8).Select(_ => words[(int)Math.Pow(words.Length, random.NextDouble())]))} n{i}", _day.AddMinutes(i), $"m{i}", "c", i);
        Assert.Equal(100_000, index.Count);
        long began = Stopwatch.GetTimestamp();
        for (int i = 0; i < 100; i++) Assert.Equal($"m{i * 997}", index.Find($"w{1 + (i % 9)} w{i + 20} n{i * 997}", 5)[0].Message);
        TestContext.Current.TestOutputHelper?.WriteLine($"a question: {Stopwatch.GetElapsedTime(began).TotalMilliseconds / 100:0.00} ms");
        began = Stopwatch.GetTimestamp();
        for (int i = 0; i < 1000; i++) index.Remove($"m{i * 97}");
        TestContext.Current.TestOutputHelper?.WriteLine($"a removal: {Stopwatch.GetElapsedTime(began).TotalMilliseconds / 1000:0.000} ms");
        Assert.Equal(99_000, index.Count);
    }

    private static MemoryIndex Talk()
    {
        var index = new MemoryIndex();
        string[] said = ["My dog is called Rufus.", "I have lived in Vell since May.", "Meine Schwester wohnt in Köln.", "Anna is studying physics.", "I own a bicycle.", "It is what it is.", "I met my mother at noon.", "My name is Ada.", "The lumo eats apples.", "Tom lives in Dorn.", "Anna lives in Ulm."];
        for (int i = 0; i < said.Length; i++) index.Add(said[i], _day.AddHours(i), $"m{i}", "c", i);
        return index;
    }

    /// <summary>BM25 as its formula is written, over statements that are there once each, with the floors of a third of the words and of half of the best.</summary>
    private static IEnumerable<(string Text, double Score, int Newest)> Naive(string[] said, int[] days, string query)
    {
        (string[] Words, string Text, int Newest)[] documents = [.. said.Select((text, i) => (Text: text, i)).GroupBy(s => s.Text).Select(g => (g.Key.Split(' '), g.Key, g.OrderBy(s => (days[s.i], s.i)).Last().i))];
        string[] asked = [.. query.Split(' ').Distinct()];
        var scored = new List<(string Text, double Score, int Newest)>();
        foreach ((string[] words, string text, int newest) in documents)
        {
            double score = 0;
            int matched = 0;
            foreach (string word in asked)
            {
                double tf = words.Count(w => w == word), df = documents.Count(d => d.Words.Contains(word));
                if (tf == 0) continue;
                matched++;
                score += Math.Log(1 + ((documents.Length - df + 0.5) / (df + 0.5))) * tf * 2.2 / (tf + (1.2 * (0.25 + (0.75 * words.Length / documents.Average(d => d.Words.Length)))));
            }

            if (matched > 0 && matched >= Math.Min(3, Math.Ceiling(asked.Length / 3.0))) scored.Add((text, score, newest));
        }

        // Rounded, because sums in another order differ in their last bits where the ranking's are equal.
        return scored.Where(s => s.Score >= 0.4999999 * scored.Max(b => b.Score)).OrderByDescending(s => Math.Round(s.Score, 9)).ThenByDescending(s => days[s.Newest]).ThenByDescending(s => s.Newest);
    }

    private sealed class Meanings(params (string Text, float[] Vector)[] known) : IEmbeddingGenerator<string, Embedding<float>>
    {
        public int Made { get; private set; }

        public Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
        {
            Embedding<float>[] made = [.. values.Select(v => new Embedding<float>(known.Single(k => k.Text == v).Vector))];
            Made += made.Length;
            return Task.FromResult(new GeneratedEmbeddings<Embedding<float>>(made));
        }

        public object? GetService(Type serviceType, object? serviceKey = null) => null;

        public void Dispose()
        {
        }
    }
}
