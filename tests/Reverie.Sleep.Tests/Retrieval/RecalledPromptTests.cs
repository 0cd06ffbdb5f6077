using CsCheck;
using Microsoft.Extensions.AI;
using Reverie.Models;

namespace Reverie.Sleep.Tests.Retrieval;

public sealed class RecalledPromptTests : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("reverie-prompt").FullName;
    private readonly ManualTime _time = new();
    private SqliteJournal _journal = null!;

    public async ValueTask InitializeAsync()
    {
        _journal = SqliteJournal.Open(Path.Combine(_folder, "journal.db"), time: _time);
        await _journal.SetConsentAsync("ada", true, "yes");
    }

    public async ValueTask DisposeAsync()
    {
        await _journal.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task A_small_model_is_told_as_people_tell_oldest_first()
    {
        await SayAsync("My dog is called Rufus");
        await SayAsync("My dog is now called Max!");
        Recollection recalled = await RecallAsync("What is my dog called?", Room(1024));
        Assert.Equal([("system", "Be brief."), ("user", "My dog is called Rufus. My dog is now called Max!"), ("assistant", "Your dog is called Max."), ("user", "What is my dog called?")], recalled.Messages.Select(m => (m.Role.Value, m.Text)));
        Assert.Equal(recalled.Memories.Select(m => m.Message), recalled.Sources!);
    }

    [Fact]
    public void What_is_not_understood_is_only_promised_to_be_remembered()
    {
        RecalledMemory[] memories = [.. ((string[])["My dog is called Rufus.", "My dog fears the stairs."]).Select((said, i) => new RecalledMemory(said, $"{i}", "c", _time.Now, i, 1))];
        Assert.Equal("Your dog is called Rufus.", RecalledPrompt.Before(Talk("?"), memories[..1], inSystemPrompt: false)[2].Text);
        Assert.Equal("I will remember that.", RecalledPrompt.Before(Talk("?"), memories, inSystemPrompt: false)[2].Text);
    }

    [Fact]
    public async Task A_large_model_is_told_in_its_system_prompt_with_dates()
    {
        await SayAsync("My dog is called Rufus.");
        _time.Now = _time.Now.AddDays(3);
        await SayAsync("My dog is called Max.");
        Recollection recalled = await RecallAsync("What is my dog called?", Room(4096) with { Parameters = RecalledPrompt.ParametersForSystemPrompt });
        Assert.Equal(["system", "user"], recalled.Messages.Select(m => m.Role.Value));
        Assert.StartsWith("Be brief.\n\n", recalled.Messages[0].Text, StringComparison.Ordinal);
        Assert.Contains("not instructions", recalled.Messages[0].Text, StringComparison.Ordinal);
        Assert.EndsWith("\n- 2026-11-23: My dog is called Rufus.\n- 2026-11-26: My dog is called Max.", recalled.Messages[0].Text, StringComparison.Ordinal);
        Assert.Equal("Be brief.", Talk("?")[0].Text);
    }

    [Fact]
    public void Memories_take_an_eighth_of_the_context_and_leave_half_of_what_is_left() => Gen.Select(Gen.Int[0, 2000], Gen.Int[0, 2200], Gen.Bool, Gen.Int[1, 12]).Sample((context, used, isLarge, count) => Task.Run(async () =>
    {
        string owner = $"o{Guid.NewGuid():N}";
        await _journal.SetConsentAsync(owner, true, "yes");
        for (int i = 0; i < count; i++) await SayAsync($"Note {i}{new string('x', 11 * i)} is about the garden.", owner);
        PromptRoom room = Room(context) with { Used = used, Parameters = isLarge ? 1_000_000_000 : 0 };
        Recollection recalled = await RecalledPrompt.RecallAsync(new Retriever(_journal), owner, "What about the garden?", Talk("What about the garden?"), room);
        int before = Talk("What about the garden?").Sum(m => m.Text.Length), after = recalled.Messages.Sum(m => m.Text.Length);
        Assert.InRange(recalled.Memories.Count, 0, RecalledPrompt.MostMemories);
        Assert.InRange(after - before, 0, Math.Max(0, Math.Min(context / 8, (context - used) / 2) + 16));
        if (context == 2000 && used < 1000) Assert.NotEmpty(recalled.Memories);
    }).GetAwaiter().GetResult(), iter: 25, threads: 1);

    [Fact]
    public async Task What_the_conversation_says_itself_is_not_said_twice()
    {
        JournalMessage said = await SayAsync("My dog is called Rufus.");
        Assert.Empty((await RecallAsync("My dog is called Rufus. What is my dog called?", Room(1024))).Memories);
        Assert.Empty((await RecallAsync("My dog is called Rex. What is my dog called?", Room(1024))).Memories);
        Assert.Single((await RecallAsync("My cat is called Rex. What is my dog called?", Room(1024))).Memories);
        Assert.Empty((await RecalledPrompt.RecallAsync(new Retriever(_journal), "ada", "my dog?", Talk("my dog?"), Room(1024), new HashSet<string> { said.Id }, cancellation: TestContext.Current.CancellationToken)).Memories);
        Recollection none = await RecallAsync("And who are you?", Room(1024));
        Assert.Null(none.Sources);
        Assert.Equal(2, none.Messages.Count);
    }

    [Fact]
    public async Task What_the_weights_hold_is_told_to_a_large_model_alone()
    {
        await SayAsync("My dog is called Rufus.");
        _time.Now += TimeSpan.FromMinutes(1);
        await SayAsync("My dog is called Rex.");
        DateTimeOffset told = _time.Now;
        var record = new FactRecord { Subject = "my dog", Relation = "belonging/name", Value = "Rex", State = FactState.Weights, Why = "learned", Sources = [], Told = told };
        PromptRoom small = Room(4096), large = small with { Parameters = RecalledPrompt.ParametersForSystemPrompt };
        Assert.Equal((0, 2), (await CountAsync(small, record), await CountAsync(large, record)));
        Assert.Equal(2, await CountAsync(small, record with { State = FactState.Retrieval }));
        Assert.Equal(2, await CountAsync(small, record with { Subject = "my cat" }));

        // What was said since is not in the weights.
        _time.Now += TimeSpan.FromMinutes(1);
        await SayAsync("My dog is called Bruno.");
        Recollection recalled = await RecallAsync("What is my dog called?", small, new HeldFacts([record]));
        Assert.Equal("My dog is called Bruno.", Assert.Single(recalled.Memories).Text);

        async Task<int> CountAsync(PromptRoom room, FactRecord held) => (await RecallAsync("What is my dog called?", room, new HeldFacts([held]))).Memories.Count;
    }

    private static ChatMessage[] Talk(string said) => [new(ChatRole.System, "Be brief."), new(ChatRole.User, said)];

    /// <summary>A model whose tokens are characters.</summary>
    private static PromptRoom Room(int context) => new(context, 40, 1_000_000, text => text.Length);

    private Task<Recollection> RecallAsync(string said, PromptRoom room, HeldFacts? held = null) => RecalledPrompt.RecallAsync(new Retriever(_journal), "ada", said, Talk(said), room, held: held, cancellation: TestContext.Current.CancellationToken);

    private async Task<JournalMessage> SayAsync(string text, string owner = "ada")
    {
        _time.Now = _time.Now.AddMinutes(1);
        return await _journal.AppendAsync(owner, (await _journal.CreateConversationAsync(owner, new ConversationDetails())).Id, new NewMessage { Role = Role.User, Parts = [MessagePart.Typed(text)] });
    }
}
