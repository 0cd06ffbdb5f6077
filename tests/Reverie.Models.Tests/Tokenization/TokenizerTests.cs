using CsCheck;
using Reverie.Tensors;

namespace Reverie.Models.Tests.Tokenization;

public class TokenizerTests
{
    private static readonly Tokenizer _tokenizer = Small();

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
        Assert.Equal(RandomText.WellFormed(text), _tokenizer.Decode(_tokenizer.Encode(text))), iter: 5_000);

    [Fact]
    public void Encoder_equals_the_naive_merge_loop() => RandomText.Any.Sample(text =>
        Assert.Equal(NaiveBpe.Encode(_tokenizer, text), _tokenizer.Encode(text)), iter: 2_000);

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
