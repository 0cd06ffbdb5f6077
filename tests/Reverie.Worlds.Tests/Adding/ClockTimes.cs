using Reverie.Tensors;

namespace Reverie.Worlds.Tests;

/// <summary>Later on the clock: "What time is it 45 minutes after 9:30?" Held out are one in eight sums and new wordings; out of distribution are longer waits.</summary>
public sealed class ClockTimes : QuestionSet
{
    private static readonly Wordings WhatTime = new(
        ["What time is it {m} minutes after {t}?", "It is {t}. What time is it in {m} minutes?"], ["{m} minutes after {t}, what does the clock say?"]);

    /// <inheritdoc/>
    public override string Name => "clock-times";

    /// <inheritdoc/>
    protected override Question Ask(Split split, RandomStream random)
    {
        while (true)
        {
            int start = 5 * random.Next(288), wait = 5 * random.Next(1, 25) + (split == Split.OutOfDistribution ? 120 : 0);
            if (!Composition.Fits($"{start}+{wait}", split, 8)) continue;
            string question = Composition.Fill(WhatTime.Pick(split, random), ("t", Clock(start)), ("m", $"{wait}")), gold = Clock(start + wait);
            return Task(question, $"{gold}.", answer => Reply.Same(answer, gold), ("two times", $"{gold} or {Clock(start)}."), ("only the minutes", $"{wait}."));
        }
    }

    private static string Clock(int minutes) => $"{minutes / 60 % 24}:{minutes % 60:00}";
}
