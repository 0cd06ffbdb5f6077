using Reverie.Models;
using Reverie.Tensors;

namespace Reverie.Worlds;

/// <summary>A task set of single questions that a generator draws, one after another. A new one has a name and a way to ask.</summary>
public abstract class QuestionSet : ITaskSet
{
    /// <inheritdoc/>
    public abstract string Name { get; }

    /// <inheritdoc/>
    public IEnumerable<TaskItem> Tasks(Split split, ulong seed)
    {
        var random = new RandomStream(seed, $"tasks/{Name}/{split}");
        while (true) yield return Ask(split, random);
    }

    /// <summary>Draws a question of the split.</summary>
    protected abstract Question Ask(Split split, RandomStream random);

    /// <summary>A question that is right or wrong. Reasoning is not judged, but what never ends, or hides the answer in a flood of text, is wrong.</summary>
    /// <param name="question">What is asked.</param>
    /// <param name="gold">A right reply, with its reasoning.</param>
    /// <param name="isRight">What stands after the reasoning -> whether it is right.</param>
    /// <param name="hacks">Replies that this question invites and that must fail.</param>
    protected static Question Task(string question, string gold, Func<string, bool> isRight, params (string Name, string Reply)[] hacks) =>
        new([new Message(Role.User, question)], gold, reply => !Reply.IsFarTooLong(reply, gold) && isRight(Reply.Answer(reply)) ? 1 : 0)
        {
            Hacks = [.. hacks.Select(h => (h.Name, (IActor)new Script(h.Reply)))],
        };

    /// <summary>
    /// A length of the split. Training has all from 2 to the longest but one in the middle, which is held out: it shows whether a model
    /// learned the procedure or each length by itself. Out of distribution are up to one and a half times the longest.
    /// </summary>
    protected static int Length(Split split, RandomStream random, int longest)
    {
        int gap = (longest / 2) + 1;
        if (split == Split.HeldOut) return gap;
        if (split == Split.OutOfDistribution) return random.Next(longest + 1, longest + (longest / 2) + 1);
        int length = random.Next(2, longest);
        return length < gap ? length : length + 1;
    }
}
