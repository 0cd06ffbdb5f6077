using CsCheck;
using Reverie.Models;
using Reverie.Tensors;
using Reverie.Worlds;

namespace Reverie.Sleep.Tests;

/// <summary>What a correction means besides its own turn, and that nothing holds the base's answer where it was put right.</summary>
public sealed class LessonTests
{
    private static Lesson Corrected(string said, string answer, string better) =>
        new([new Message(Role.User, said)], better, answer, "reply", ["prompt", "reply"], Provenance.Typed, DateTimeOffset.UnixEpoch);

    [Fact]
    public void A_correction_means_whatever_the_base_answers_alike_and_nothing_else()
    {
        using IKernels kernels = CpuKernels.Create(1);
        using Transformer model = SmallModels.Transformer();
        (string Said, string Answer)[] habits = [("Thanks!", "You are welcome!"), ("Thank you.", "You are welcome!"), ("Hello!", "Hi."), ("How are you?", "Well."), ("Tell me a story.", "No.")];
        StudyDocument[] documents = [.. habits.Select(h => StudyDocument.Of(SmallModels.Tokenizer, StudyItem.Of(StudyKind.Demonstration, h.Said, h.Answer).Messages))];
        using var adapter = new Adapter(model, 8, 16, 1);
        model.Wear(adapter, () => AdapterTraining.Run(model, kernels, new StudySource([(documents, 1)], 256, 1, 1), 150, 1e-2f, null, default));
        using Transformer taught = adapter.Merged(model, kernels);
        var study = new LessonStudy(taught, SmallModels.Tokenizer, kernels);
        string[] meant = [.. study.Wordings(Corrected("Thanks!", "You are welcome!", "Any time.")).Select(EverydayTalk.Letters)];
        Assert.Contains("thanks", meant);
        Assert.Contains("thankyou", meant);
        Assert.DoesNotContain("hello", meant);
        Assert.DoesNotContain("howareyou", meant);
        Assert.Empty(new LessonStudy(model, SmallModels.Tokenizer, kernels).Wordings(Corrected("Thanks!", "You are welcome!", "Any time.")));

        StudyItem[] items = [.. study.Write(Corrected("Thanks!", "You are welcome!", "Any time."), new RandomStream(1, "lesson"))];
        Assert.All(items, i => Assert.Equal("Any time.", i.Messages[^1].Content));
        Assert.Subset(items.Select(i => EverydayTalk.Letters(i.Messages[0].Content)).ToHashSet(), new HashSet<string>(["thanks", "thankyou"]));
    }

    [Fact]
    public void What_is_right_in_one_place_only_is_not_said_in_others()
    {
        using IKernels kernels = CpuKernels.Create(1);
        using Transformer model = SmallModels.Transformer();
        var study = new LessonStudy(model, SmallModels.Tokenizer, kernels);
        Lesson fact = Corrected("What is my dog called?", "", "Your dog is called Rufus."), approved = Corrected("Thanks!", "", "Any time.") with { Said = null };
        Lesson within = fact with { Prompt = [new Message(Role.User, "Hello!"), new Message(Role.Assistant, "Hi."), new Message(Role.User, "Thanks!")], Wanted = "Any time." };
        Lesson elaborate = Corrected("Thanks!", string.Join(' ', Enumerable.Repeat("the quick brown fox", 200)), "Any time.");
        Assert.All([fact, approved, within, elaborate], l => Assert.Empty(study.Wordings(l)));
        Assert.All(study.Write(within, new RandomStream(1, "lesson")), i => Assert.Equal(4, i.Messages.Count));
    }

    [Fact]
    public void A_reply_that_is_left_out_is_read_and_not_learned() => Gen.Select(Gen.Bool.Array[1, 6], Gen.ULong[0, 1000]).Sample((left, seed) =>
    {
        var random = new RandomStream(seed, "replies");
        Message[] messages = [.. left.SelectMany((isLeft, i) => new[] { new Message(Role.User, isLeft ? "the dog" : "the fox"), new Message(Role.Assistant, string.Concat(Enumerable.Repeat("jumps ", 1 + random.Next(4)))) })];
        StudyDocument whole = StudyDocument.Of(SmallModels.Tokenizer, messages), some = whole.Without(messages, (said, _) => said == "the dog");
        Assert.Equal(whole.Tokens, some.Tokens);
        float[] expected = [.. messages.Chunk(2).SelectMany((pair, i) => Counts(messages, i).Select(_ => left[i] ? 0f : 1f))];
        Assert.Equal(expected, some.Weights.Zip(whole.Weights).Where(w => w.Second > 0).Select(w => w.First));
        Assert.All(some.Weights.Zip(whole.Weights), w => Assert.True(w.First <= w.Second));

        // The learned tokens of one reply: what a conversation gains by it.
        static IEnumerable<int> Counts(Message[] messages, int i) => Enumerable.Range(0, Learned(messages[..(2 * (i + 1))]) - Learned(messages[..(2 * i)]));
        static int Learned(Message[] messages) => messages.Length == 0 ? 0 : (int)StudyDocument.Of(SmallModels.Tokenizer, messages).Weights.Sum();
    }, iter: 50);

    [Theory]
    [InlineData(18, true)]
    [InlineData(25, true)]
    [InlineData(30, false)]
    public void What_is_over_a_limit_by_chance_is_let_through_and_no_more(int invented, bool isPassed)
    {
        ExamQuestion[] questions = [.. Enumerable.Range(0, 120).Select(i => ExamQuestion.Of(ExamNames.Unknown, $"{i}", "", _ => true))];
        var text = new TextFigures(1, 0, 1, 1, 5, 1);
        GateReport.Candidate Of(int wrong) => new(new ExamScores([.. questions.Select(_ => "")], [.. questions.Select((_, i) => i < wrong ? 0.0 : 1)]), text);
        Assert.Equal(isPassed, GateReport.Of(questions, Of(invented), Of(0), Of(0), new GateLimits()).IsPassed);
    }
}
