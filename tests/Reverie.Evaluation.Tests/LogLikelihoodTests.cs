using System.Text;
using Reverie.Tensors;

namespace Reverie.Evaluation.Tests;

public class LogLikelihoodTests(SmallModel model) : IClassFixture<SmallModel>
{
    [Fact]
    public void Spaces_at_the_context_s_end_go_to_the_continuation()
    {
        TokenSpan withSpace = model.Scorer.Encode(new LogLikelihoodRequest("the quick ", "fox")), without = model.Scorer.Encode(new LogLikelihoodRequest("the quick", " fox"));
        Assert.Equal(without.Tokens, withSpace.Tokens);
        Assert.Equal(without.Start, withSpace.Start);
        Assert.Equal(" fox", SmallModel.Tokenizer.Decode(withSpace.Tokens.AsSpan(withSpace.Start)));
        Assert.Equal(SmallModel.Tokenizer.Encode("the quick fox"), withSpace.Tokens);
    }

    [Fact]
    public void Without_a_context_the_end_of_text_stands_before_the_continuation()
    {
        TokenSpan span = model.Scorer.Encode(new LogLikelihoodRequest("", "fox"));
        Assert.Equal(SmallModel.Tokenizer.EndOfText, span.Tokens[0]);
        Assert.Equal(1, span.Start);
        Assert.Throws<ReverieException>(() => model.Scorer.Encode(new LogLikelihoodRequest("fox", "")));
    }

    [Fact]
    public void A_score_is_the_sum_of_the_trainer_s_log_probabilities()
    {
        TokenSpan span = model.Scorer.Encode(new LogLikelihoodRequest("the quick brown", " fox jumps é"));
        LogLikelihood score = model.Scorer.Score([span])[0];
        float[] all = model.LogProbabilities(span.Tokens);
        Assert.Equal(all[(span.Start - 1)..].Sum(p => (double)p), score.LogProbability);
        Assert.Equal(span.Tokens.Length - span.Start, score.Tokens);
        Assert.Equal(Encoding.UTF8.GetByteCount(" fox jumps é"), score.Bytes);
        Assert.Equal(-score.LogProbability / score.Tokens, score.MeanLoss);
    }

    [Fact]
    public void Batched_equals_one_by_one()
    {
        string[] words = ["fox", "dog", "the lazy dog", "12", "3.", "quick brown fox jumps over"];
        var random = new RandomStream(5, "requests");
        LogLikelihoodRequest[] requests = [.. Enumerable.Range(0, 300).Select(_ => new LogLikelihoodRequest(string.Join(' ', Enumerable.Range(0, random.Next(4)).Select(_ => random.Pick(words))), " " + random.Pick(words)))];
        IReadOnlyList<LogLikelihood> together = model.Scorer.Score(requests);
        for (int i = 0; i < requests.Length; i++) Assert.Equal(model.Scorer.Score([requests[i]])[0], together[i]);
    }

    [Fact]
    public void Options_that_share_their_input_score_as_alone()
    {
        int[] context = SmallModel.Tokenizer.Encode("the quick brown fox");
        TokenSpan[] spans = [.. Enumerable.Range(0, 5).Select(i => new TokenSpan([.. context, 65 + i], context.Length))];
        IReadOnlyList<LogLikelihood> together = model.Scorer.Score(spans);
        for (int i = 0; i < spans.Length; i++) Assert.Equal(model.Scorer.Score([spans[i]])[0], together[i]);
        Assert.Equal(5, together.Distinct().Count());
    }

    [Fact]
    public void Greedy_is_what_the_model_would_have_said()
    {
        int[] context = SmallModel.Tokenizer.Encode("the quick");
        IReadOnlyList<LogLikelihood> all = model.Scorer.Score([.. Enumerable.Range(0, SmallModel.Tokenizer.VocabularySize).Select(t => new TokenSpan([.. context, t], context.Length))]);
        double largest = all.Max(l => l.LogProbability);
        Assert.All(all, l => Assert.Equal(l.LogProbability == largest, l.IsGreedy));
        Assert.Equal(1, all.Sum(l => Math.Exp(l.LogProbability)), 5);
    }

    [Fact]
    public void Too_long_a_context_loses_its_beginning()
    {
        int[] tokens = [.. Enumerable.Range(0, 100).Select(i => 65 + i % 26)];
        LogLikelihood score = model.Scorer.Score([new TokenSpan(tokens, 98)])[0];
        Assert.True(score.IsTruncated);
        Assert.Equal(model.LogProbabilities(tokens[^65..])[^2..].Sum(p => (double)p), score.LogProbability);
        Assert.Throws<ReverieException>(() => model.Scorer.Score([new TokenSpan(tokens, 1)]));
    }

    [Fact]
    public void Rolling_windows_score_each_token_once_with_all_the_context_there_is()
    {
        int[] tokens = [.. Enumerable.Range(0, 11)];
        TokenSpan[] windows = [.. LogLikelihoodScorer.Windows(tokens, 4)];
        Assert.Equal([[0, 1, 2, 3, 4], [4, 5, 6, 7, 8], [6, 7, 8, 9, 10]], windows.Select(w => w.Tokens));
        Assert.Equal([1, 1, 3], windows.Select(w => w.Start));
    }

    [Fact]
    public void Bits_per_byte_count_all_bytes_of_the_text()
    {
        string text = string.Concat(Enumerable.Repeat("the quick brown fox é ", 20));
        IReadOnlyList<LogLikelihood> scores = model.Scorer.ScoreTexts([text, "fox"]);
        Assert.Equal(Encoding.UTF8.GetByteCount(text), scores[0].Bytes);
        double nats = -scores[0].LogProbability - scores[1].LogProbability;
        Assert.Equal(nats / (scores[0].Bytes + 3) / Math.Log(2), LogLikelihood.BitsPerByte(scores), 12);
    }

    [Fact]
    public void Special_tokens_have_no_bytes_and_no_nats_in_bits_per_byte()
    {
        int[] text = SmallModel.Tokenizer.Encode("the fox");
        LogLikelihood score = model.Scorer.Score([new TokenSpan([.. text, SmallModel.Tokenizer.MessageEnd], 1)])[0];
        Assert.Equal(SmallModel.Tokenizer.Decode(text.AsSpan(1)).Length, score.Bytes);
        Assert.Equal(score.LogProbability - model.LogProbabilities([.. text, SmallModel.Tokenizer.MessageEnd])[^1], score.TextLogProbability, 10);
    }
}
