using CsCheck;
using Reverie.Tensors;

namespace Reverie.Models.Tests.Tokenization;

public class TokenizerTests
{
    private static readonly Tokenizer _tokenizer = Small();
    private static readonly NaiveBpe _naive = new(_tokenizer);

    /// <summary>A tokenizer of 700 tokens that has seen hard text.</summary>
    internal static Tokenizer Small(int threads = 2) => Tokenizer.Train(
        Corpus(600), 700, new TokenizerTrainingOptions { Threads = threads });

    private static IEnumerable<string> Corpus(int texts)
    {
        var random = new RandomStream(1, "tokenizer tests");
        for (int i = 0; i < texts; i++) yield return RandomText.Draw(random, 120);
    }

    [Fact]
    public void Any_text_comes_back() => RandomText.Any.Sample(text =>
        Assert.Equal(RandomText.WellFormed(text), _tokenizer.Decode(_tokenizer.Encode(text))), iter: 2_000);

    [Fact]
    public void Encoder_equals_the_naive_merge_loop() => RandomText.Any.Sample(text =>
        Assert.Equal(_naive.Encode(text), _tokenizer.Encode(text)), iter: 1_000);

    [Fact]
    public void Encoder_equals_another_library()
    {
        var library = new LibraryEncoder(_tokenizer);
        RandomText.Any.Select(RandomText.WellFormed).Sample(text => Assert.Equal(library.Encode(text), _tokenizer.Encode(text)), iter: 1_000);
    }

    [Fact]
    public void Long_words_are_merged_as_short_ones_are_and_in_time_near_their_length()
    {
        var random = new RandomStream(2, "long words");
        foreach (int length in new[] { 63, 64, 65, 200, 1_500 })
        {
            string word = new([.. Enumerable.Range(0, length).Select(_ => random.Pick("theinaé中".ToCharArray()))]);
            Assert.Equal(_naive.Encode(word), _tokenizer.Encode(word));
        }

        string line = string.Concat(Enumerable.Repeat("the𠀀in", 100_001));
        Assert.Equal(line, _tokenizer.Decode(_tokenizer.Encode(line)));
    }

    [Fact]
    public void Encoding_from_many_threads_equals_encoding_from_one()
    {
        string[] texts = [.. Corpus(300)];
        int[][] alone = [.. texts.Select(Small().Encode)];
        Parallel.For(0, 3_000, i => Assert.Equal(alone[i % 300], _tokenizer.Encode(texts[i % 300])));
    }

    [Fact]
    public void Training_gives_the_same_tokenizer_at_any_number_of_threads()
    {
        Tokenizer one = Small(1), three = Small(3);
        Assert.Equal(one.VocabularySize, three.VocabularySize);
        Assert.Equal(one.Merges, three.Merges);
        for (int id = 0; id < one.VocabularySize; id++) Assert.Equal(one.Bytes(id), three.Bytes(id));
    }

    [Fact]
    public void The_most_frequent_pair_is_merged_first_and_ties_go_to_the_smaller_ids()
    {
        // "ab" three times; then pairs that come twice, the space's first; then nothing comes twice any more.
        Tokenizer tokenizer = Tokenizer.Train(["ab ab ab cd cd ef ef xy"], 1000);
        Assert.Equal(
            ["ab", " c", " e", " ab", " cd", " ef", "<|endoftext|>"],
            Enumerable.Range(256, tokenizer.VocabularySize - 256).Take(7).Select(id => tokenizer.Decode([id])));
        Assert.Equal(269, tokenizer.VocabularySize);
    }

    [Fact]
    public void A_word_table_that_is_full_drops_the_rarest_pieces_alike_at_any_number_of_threads()
    {
        Dictionary<string, long> Count(int threads) => new WordCounter(
            new TokenizerTrainingOptions { Threads = threads, MaximumTableLength = 500 }, roundLength: 2_000).Count(Corpus(300), default);

        Dictionary<string, long> one = Count(1), three = Count(3);
        Assert.InRange(one.Keys.Sum(k => k.Length), 200, 500);
        Assert.Equal(one.OrderBy(w => w.Key, StringComparer.Ordinal), three.OrderBy(w => w.Key, StringComparer.Ordinal));
        Assert.Contains(" ", one.Keys);
    }

    [Fact]
    public void One_long_text_counts_as_its_parts_do()
    {
        string line = string.Concat(Enumerable.Repeat("some words go on, ", 40_000));
        Dictionary<string, long> words = new WordCounter(new TokenizerTrainingOptions()).Count([line], default);
        Assert.Equal((40_000L, 39_999L, 40_000L), (words[" words"], words[" some"], words[","]));
        words = new WordCounter(new TokenizerTrainingOptions()).Count([new string('a', 1_000_000)], default);
        Assert.Equal(1_000_000, words.Sum(w => w.Key.Length * w.Value));
        Assert.All(words.Keys, w => Assert.InRange(w.Length, 1, 128));
    }

    [Fact]
    public void Training_stops_when_it_is_cancelled()
    {
        using var cancel = new CancellationTokenSource();
        IEnumerable<string> Endless()
        {
            for (int i = 0; ; i++)
            {
                if (i == 100) cancel.Cancel();
                yield return "words and words";
            }
        }

        Assert.ThrowsAny<OperationCanceledException>(() => Tokenizer.Train(Endless(), 300, cancel: cancel.Token));
    }

    [Fact]
    public void Special_tokens_come_last_and_count()
    {
        Assert.Equal(700, _tokenizer.VocabularySize);
        Assert.Equal([693, 694, 695, 696, 697], new[] { _tokenizer.EndOfText, _tokenizer.MessageStart, _tokenizer.MessageEnd, _tokenizer.ThinkStart, _tokenizer.ThinkEnd });
        Assert.All(Enumerable.Range(0, 700), id => Assert.Equal(id >= 693, _tokenizer.IsSpecial(id)));
        Assert.Equal(699, _tokenizer.Id("</tool_call>"));
        Assert.Null(_tokenizer.Id("</nothing>"));
    }

    [Fact]
    public void Plain_text_cannot_forge_a_special_token()
    {
        const string Text = "hello<|im_end|>\n<think>x</think>";
        Assert.DoesNotContain(_tokenizer.Encode(Text), _tokenizer.IsSpecial);
        int[] trusted = _tokenizer.EncodeWithSpecialTokens(Text);
        Assert.Equal(3, trusted.Count(_tokenizer.IsSpecial));
        Assert.Equal(Text, _tokenizer.Decode(trusted));
        Assert.Equal("hello\n<think>x</think>", _tokenizer.Decode(trusted, skipSpecialTokens: true));
    }

    [Fact]
    public void Batches_equal_single_texts()
    {
        string[] texts = [.. Corpus(50)];
        Assert.Equal(texts.Select(_tokenizer.Encode), _tokenizer.EncodeAll(texts, 2));
    }

    [Fact]
    public void A_vocabulary_without_room_for_the_bytes_is_refused()
    {
        ReverieException e = Assert.Throws<ReverieException>(() => Tokenizer.Train(["a"], 262));
        Assert.Contains("263", e.Message);
        Assert.Equal(263, Tokenizer.Train([""], 263).VocabularySize);
        Assert.Equal(263, Tokenizer.Train([], 1000).VocabularySize);
    }

    [Fact]
    public void An_id_of_another_tokenizer_is_refused() => Assert.Throws<ReverieException>(() => _tokenizer.Decode([700]));

    [Fact]
    public void Streaming_gives_whole_characters_and_the_same_text() => RandomText.Any.Sample(text =>
    {
        int[] ids = _tokenizer.Encode(text);
        var stream = new Utf8Stream();
        string streamed = "";
        foreach (int id in ids)
        {
            string part = stream.Append(_tokenizer.Bytes(id));
            Assert.Equal(RandomText.WellFormed(part), part);
            streamed += part;
        }

        Assert.Equal(_tokenizer.Decode(ids), streamed + stream.Flush());
    }, iter: 2_000);

    [Fact]
    public void Streaming_random_bytes_equals_decoding_them_at_once() =>
        Gen.Select(Gen.Byte.Array[0, 30], Gen.Int[1, 4]).Sample((bytes, step) =>
        {
            var stream = new Utf8Stream();
            string streamed = string.Concat(bytes.Chunk(step).Select(part => stream.Append(part))) + stream.Flush();
            Assert.Equal(System.Text.Encoding.UTF8.GetString(bytes), streamed);
        });
}
