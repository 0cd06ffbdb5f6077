using Bunit;
using Reverie.Models;
using Reverie.Sleep;
using Reverie.Web.Components;

namespace Reverie.Web.Tests;

public sealed class TurnTests : BunitContext
{
    private static readonly Conversation _conversation = new() { Id = "c", Owner = "local", Details = new ConversationDetails(), Created = default, Updated = default, Sequence = 1 };

    public TurnTests() => JSInterop.Mode = JSRuntimeMode.Loose;

    [Fact]
    public void A_reply_with_calls_is_one_turn_and_another_reply_is_a_sibling()
    {
        var tree = new ConversationTree(_conversation,
        [
            Message("u", null, Role.User, MessagePart.Typed("calculate")),
            Message("a1", "u", Role.Assistant, MessagePart.Thought("hm"), MessagePart.ToolCall("1", "calculator", "{}")),
            Message("t", "a1", Role.Tool, MessagePart.ToolResult("1", "437")),
            Message("a2", "t", Role.Assistant, MessagePart.Said("It is 437.")),
            Message("b", "u", Role.Assistant, MessagePart.Said("No idea.")),
        ]);
        IReadOnlyList<Turn> turns = Turn.Of(tree, tree.Path("a2"));
        Assert.Equal(["u", "a1"], turns.Select(t => t.Id));
        Assert.Equal(("a2", "u", 0), (turns[1].Last, turns[1].Parent, turns[1].Version));
        Assert.Equal(["a1", "b"], turns[1].Siblings);
        Assert.Equal([PartKind.Reasoning, PartKind.ToolCall, PartKind.Text], turns[1].Parts.Select(p => p.Kind));
        Assert.Equal("437", turns[1].Parts[1].Result);
        Assert.Equal("It is 437.", turns[1].Text);
    }

    [Fact]
    public void Arrows_go_to_the_neighbouring_versions_and_stop_at_the_ends()
    {
        string? went = null;
        IRenderedComponent<TurnView> view = Render<TurnView>(p => p.Add(v => v.Turn, Reply("b", ["a", "b", "c"])).Add(v => v.Go, id => went = id));
        Assert.Equal("2/3", view.Find(".branches > span").TextContent);
        view.Find("[aria-label='Previous version']").Click();
        Assert.Equal("a", went);
        view.Find("[aria-label='Next version']").Click();
        Assert.Equal("c", went);
        view = Render<TurnView>(p => p.Add(v => v.Turn, Reply("c", ["a", "b", "c"])));
        Assert.True(view.Find("[aria-label='Next version']").HasAttribute("disabled"));
        Assert.Empty(Render<TurnView>(p => p.Add(v => v.Turn, Reply("a", ["a"]))).FindAll(".branches"));
    }

    [Fact]
    public async Task An_edit_gives_the_text_and_what_of_it_was_pasted()
    {
        (string, IReadOnlyList<string>)? saved = null;
        IRenderedComponent<TurnView> view = Render<TurnView>(p => p.Add(v => v.Turn, Reply("a", ["a"])).Add(v => v.IsEditing, true).Add(v => v.Save, (text, pasted) =>
        {
            saved = (text, pasted);
            return Task.CompletedTask;
        }));
        Assert.Equal("Said **this**.", view.Find("textarea").TextContent);
        Assert.False(await view.Instance.Submit("  ", []));
        Assert.True(await view.Instance.Submit("other", ["her"]));
        Assert.Equal("other", saved!.Value.Item1);
        Assert.Equal(["her"], saved.Value.Item2);
    }

    [Fact]
    public void A_reply_is_markdown_and_a_persons_words_are_not()
    {
        Assert.Equal("this", Render<TurnView>(p => p.Add(v => v.Turn, Reply("a", ["a"]))).Find(".said strong").TextContent);
        IRenderedComponent<TurnView> mine = Render<TurnView>(p => p.Add(v => v.Turn, Reply("a", ["a"]) with { Role = Role.User }));
        Assert.Equal("Said **this**.", mine.Find(".said").TextContent);
        Assert.Empty(mine.FindAll("[aria-label='Good reply']"));
    }

    private static Turn Reply(string id, string[] siblings) => new() { Id = id, Last = id, Role = Role.Assistant, Parts = [new TurnPart(PartKind.Text, "Said **this**.")], Siblings = siblings };

    private static JournalMessage Message(string id, string? parent, Role role, params MessagePart[] parts) => new() { Id = id, Conversation = "c", Parent = parent, Sequence = 1, Created = default, Role = role, Parts = parts };
}
