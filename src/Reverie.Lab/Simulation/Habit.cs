using Reverie.Tensors;
using Reverie.Worlds;

namespace Reverie.Lab;

/// <summary>How a person wants something answered that is no fact.</summary>
/// <param name="Name">What it is about.</param>
/// <param name="Said">What the person says when correcting the answer.</param>
/// <param name="Asked">What the person says in the examination: other words.</param>
/// <param name="Usual">What the assistant says by itself.</param>
/// <param name="Wanted">What it should say.</param>
internal sealed record Habit(string Name, IReadOnlyList<string> Said, IReadOnlyList<string> Asked, string Usual, string Wanted)
{
    private static readonly (string Name, string[] Said, string[] Asked, string Usual, string[] Wanted)[] _all =
    [
        ("greeting", ["Hello!", "Hi!", "Good morning!", "Hey there!", "Good evening!"], ["Hello, Reverie!", "Hey Reverie!", "Good afternoon!"], "Hello! How are you?",
            ["Good to see you, captain.", "Welcome back, chief.", "Hey, my friend, here I am."]),
        ("farewell", ["Goodbye!", "Bye!", "See you!", "I must go now.", "Good night!"], ["Goodbye, Reverie!", "I have to go now.", "See you tomorrow!"], "Goodbye! Come back soon.",
            ["Fair winds, captain.", "Take care and sleep well.", "Until the next time, chief."]),
        ("thanks", ["Thank you.", "Thanks!", "Thanks a lot!", "Great, thanks.", "Thank you for your help."], ["Thank you so much!", "Many thanks."], "You are welcome!",
            ["Always at your service.", "No need to thank me.", "It was a joy, my friend."]),
        ("how are you", ["How are you?", "How are you today?", "How is it going?", "Are you well?"], ["How are you doing?", "How are you feeling today?"], "I am well, thank you. And you?",
            ["All is well on board, captain.", "Ready for work, chief.", "Calm as a lake today."]),
        ("sad", ["I am sad.", "I feel sad.", "I had a bad day.", "I feel bad."], ["I am very sad.", "Today I feel sad."], "I am sorry to hear that. Shall I tell you a story?",
            ["Let us take a walk together.", "Drink some tea first, then talk to me.", "Tell me more, I have time."]),
    ];

    /// <summary>What habits are about: there an answer is meant to be another than the base's.</summary>
    public static IReadOnlySet<string> Categories { get; } = _all.SelectMany(h => h.Said.Concat(h.Asked)).Select(EverydayTalk.CategoryOf).OfType<string>().ToHashSet();

    /// <summary>The habits of one person, in the order in which they come up.</summary>
    public static IReadOnlyList<Habit> Draw(RandomStream random)
    {
        Habit[] habits = [.. _all.Select(h => new Habit(h.Name, h.Said, h.Asked, h.Usual, random.Pick(h.Wanted)))];
        random.Shuffle(habits.AsSpan());
        return habits;
    }

    /// <summary>Whether a reply is as the person wants it.</summary>
    public bool IsShownBy(string reply) => Reply.HasWords(Reply.Answer(reply), Wanted.TrimEnd('.'));
}
