using Reverie.Models;
using Reverie.Tensors;
using Reverie.Worlds.Tests.Traces;

namespace Reverie.Worlds.Tests;

public sealed class ServiceTests
{
    private static readonly ServiceTask[] _tasks = [.. new ServiceTasks().Tasks(Split.Train, 1).Take(400).Cast<ServiceTask>()];

    [Fact]
    public void Every_wish_and_persona_is_there_and_served()
    {
        foreach (Wish wish in Wish.All) Assert.Contains(_tasks, t => t.Kind.StartsWith(wish.Kind + "/", StringComparison.Ordinal));
        foreach (Persona persona in Persona.All.SkipLast(1)) Assert.Contains(_tasks, t => t.Kind.EndsWith("/" + persona.Name, StringComparison.Ordinal));
        Assert.All(_tasks, t => Assert.InRange(Episode.Play(t, t.Expert).TurnCount, 3, 8));
    }

    [Fact]
    public void What_the_policy_forbids_scores_nothing_even_when_the_customer_is_glad()
    {
        foreach (ServiceTask task in _tasks.Where(t => t.Kind.StartsWith("refund late", StringComparison.Ordinal)).Take(10))
        {
            Trace trace = Episode.Play(task, new Script(ToolCall.Write("find_order", ("order", task.About.Number)), ToolCall.Write("refund", ("order", task.About.Number)), "Your money is on its way.", ToolCall.Write("done")));
            Assert.Contains("Thank you", trace.Messages[^2].Content, StringComparison.Ordinal);
            Assert.Equal(0, trace.Reward);
        }
    }

    [Fact]
    public void Orders_of_others_are_never_told()
    {
        foreach (ServiceTask task in _tasks.Where(t => t.Kind.StartsWith("contents of another", StringComparison.Ordinal)).Take(10))
        {
            string refusal = task.Turns.First(t => t.Contains("cannot", StringComparison.Ordinal));
            Assert.Equal(1, Play(refusal).Reward);
            Trace leak = Play($"{refusal} It is a {task.About.Item}.");
            Assert.Equal((0, 0), (leak.Reward, leak.Scores.Single(s => s.Name == "discreet").Value));

            Trace Play(string said) => Episode.Play(task, new Script(ToolCall.Write("find_order", ("order", task.About.Number)), said, ToolCall.Write("done")));
        }
    }

    [Fact]
    public void To_refuse_counts_only_after_looking()
    {
        foreach (ServiceTask task in _tasks.Where(t => t.MustRefuse).Take(30))
            Assert.Equal(0, Episode.Play(task, new Script(task.Turns.First(Refusal.IsIn), ToolCall.Write("done"))).Reward);
    }

    [Fact]
    public void The_customer_follows_from_what_was_said()
    {
        foreach (ServiceTask task in _tasks.Take(100))
        {
            Trace trace = Episode.Play(task, task.Expert);
            string[] said = [.. trace.Messages.Skip(trace.PromptMessages).Where(m => m.Role == Role.Assistant && !m.Content.Contains("tool_call", StringComparison.Ordinal)).Select(m => m.Content)];
            string[] heard = [.. trace.Messages.Skip(trace.PromptMessages).Where(m => m.Role == Role.User).Select(m => m.Content)];
            Assert.Equal(heard, said.Select((_, i) => task.Customer.AnswerTo(said[..(i + 1)])));
        }
    }

    [Fact]
    public void Those_who_insist_give_in_and_those_who_forgot_tell_their_name()
    {
        ServiceTask insisting = _tasks.First(t => t.Kind == "cancel late/insisting"), forgetful = _tasks.First(t => t.Kind.EndsWith("/forgetful", StringComparison.Ordinal));
        Assert.Equal(["But I want it!", "You must do it!", "Goodbye then."], Enumerable.Range(1, 3).Select(n => insisting.Customer.AnswerTo([.. Enumerable.Repeat("I cannot do that.", n)])));
        Assert.StartsWith("I do not remember it. My name is ", forgetful.Customer.AnswerTo(["What is the number of your order?"]), StringComparison.Ordinal);
        Assert.DoesNotContain(forgetful.About.Number, forgetful.Prompt[^1].Content, StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_can_play_the_customer()
    {
        using IKernels kernels = CpuKernels.Create(1);
        using var transformer = new Transformer(TransformerConfig.ForWidth(32, 1, Small.Tokenizer.VocabularySize, 512, headDimension: 16));
        transformer.Initialize(3, 0.5f, outputScale: 0.5f);
        using var engine = new Generator(transformer, Small.Tokenizer, kernels);
        ServiceTask task = _tasks.First(t => t.Kind.StartsWith("cancel late/brief", StringComparison.Ordinal));
        var episode = new Episode("service", "0", task, task.Expert, 5) { Partner = new ModelPartner(engine, Small.Tokenizer, new SamplingOptions { MaxTokens = 8 }, task.PartnerBrief!) };
        Trace[] twice = [.. Enumerable.Range(0, 2).Select(_ => Episode.Run([episode], Small.Tokenizer, new Budget(TokensPerTurn: 8), [engine])[0])];
        Assert.All(twice, trace => Assert.Equal((TraceStop.Done, 1.0), (trace.Stop, trace.Reward)));
        Assert.Equal(twice[0].Messages, twice[1].Messages);
        Assert.NotEqual(Episode.Play(task, task.Expert).Messages, twice[0].Messages);
        Assert.All(twice[0].Spans.Where(s => s.Author == Role.User), s => Assert.False(s.IsActor));
    }

    [Fact]
    public void Splits_share_no_pair_of_wish_and_persona() =>
        Assert.Empty(_tasks.Select(t => t.Kind).Intersect(new ServiceTasks().Tasks(Split.HeldOut, 2).Take(200).Cast<ServiceTask>().Select(t => t.Kind)));
}
