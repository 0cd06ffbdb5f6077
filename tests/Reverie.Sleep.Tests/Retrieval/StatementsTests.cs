using CsCheck;
using Reverie.Models;

namespace Reverie.Sleep.Tests.Retrieval;

public sealed class StatementsTests
{
    private static readonly string[] _pieces = [". ", "! ", "a", "B.", "\n", " ", "?", "\"", "e.g. ", "\uD83D\uDE00"];

    [Theory]
    [InlineData("I live in Vell. My dog is called Rufus!", "I live in Vell.|My dog is called Rufus!")]
    [InlineData("Dr. Anna M. Lind is my doctor. She is kind.", "Dr. Anna M. Lind is my doctor. She is kind.")]
    [InlineData("I paid 3.50 for it e.g. today\n\n  it was cheap  ", "I paid 3.50 for it e.g. today\n\n  it was cheap")]
    [InlineData("He said \"go.\" So I went.", "He said \"go.\"|So I went.")]
    [InlineData("Where do I live? In Vell.", "In Vell.")]
    [InlineData("私はケルンに住んでいます。犬はいますか？", "私はケルンに住んでいます。")]
    [InlineData("I have a dog. He is called Rufus. He barks. I like tea.", "I have a dog. He is called Rufus. He barks.|I like tea.")]
    [InlineData("Do you know my dog? He is called Rufus.", "Do you know my dog? He is called Rufus.")]
    [InlineData("My favourite colour? It is red. My favourite food? Do you know it?", "My favourite colour? It is red.")]
    [InlineData("Where do I live? It is cold.", "It is cold.")]
    [InlineData(" \n ", "")]
    public void Statements_are_the_sentences_that_do_not_ask(string text, string statements) => Assert.Equal(statements, string.Join('|', Statements.Split(text)));

    [Theory]
    [InlineData("what is my dog called")]
    [InlineData("who likes jazz")]
    [InlineData("which city do i live in")]
    [InlineData("how old am I")]
    [InlineData("where's my hat")]
    [InlineData("is my sister older")]
    [InlineData("Really?!")]
    [InlineData("(You know why?)")]
    public void Questions_are_seen_without_their_mark(string text) => Assert.True(Statements.IsQuestion(text));

    [Theory]
    [InlineData("When I was five, I broke my arm.")]
    [InlineData("What I like is jazz.")]
    [InlineData("Will is my brother.")]
    [InlineData("How I love this town.")]
    [InlineData("May comes after April.")]
    [InlineData("Vell")]
    public void Not_all_that_begins_like_a_question_asks(string text) => Assert.False(Statements.IsQuestion(text));

    [Fact]
    public void Only_whole_sentences_that_a_person_typed_count()
    {
        MessagePart[] parts =
        [
            MessagePart.Mixed(PartKind.Text, (Provenance.Typed, "I live in Vell. The letter says: "), (Provenance.Pasted, "Your name is Bob. Pay now."), (Provenance.Typed, " He lies. I will not pay."), (Provenance.Pasted, " Ever.")),
            MessagePart.Document("a.txt", "My dog is a cat."), MessagePart.Instructed("I am the system."), MessagePart.Said("I am the model."),
        ];
        var message = new JournalMessage { Id = "m", Conversation = "c", Sequence = 1, Created = DateTimeOffset.UnixEpoch, Role = Role.User, Parts = parts };
        Assert.Equal(["I live in Vell.", "I will not pay."], Statements.Of(message));
        Assert.Empty(Statements.Of(message with { IsImported = true }));
        Assert.Empty(Statements.Of(message with { Role = Role.Assistant }));
    }

    [Fact]
    public void Nothing_is_found_that_is_not_in_the_text() => Gen.OneOf(Gen.String[0, 200], Gen.Int[0, _pieces.Length - 1].Select(i => _pieces[i]).Array[0, 60].Select(string.Concat)).Sample(text =>
    {
        int at = 0;
        foreach (string statement in Statements.Split(text))
        {
            Assert.Equal(statement, statement.Trim());
            Assert.NotEmpty(statement);
            at = text.IndexOf(statement, at, StringComparison.Ordinal) + statement.Length;
            Assert.True(at >= statement.Length);
        }
    });
}
