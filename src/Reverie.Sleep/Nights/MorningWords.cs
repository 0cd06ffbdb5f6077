using System.Globalization;
using Reverie.Evaluation;
using Reverie.Models;

namespace Reverie.Sleep;

/// <summary>What nights and forgetting say to people, the same at the prompt and on the page.</summary>
public static class MorningWords
{
    private const int Shown = 12;

    /// <summary>The morning report, line by line.</summary>
    public static IEnumerable<string> Lines(MorningReport report)
    {
        bool isCompany = report.Owner == PersonalAdapters.Company;
        yield return report.Outcome switch
        {
            NightOutcome.Promoted when isCompany => $"Morning {report.Number} of the company: {report.Model} learned {Many(report.Learned.Count, "fact")} that enough people told. It answers everybody with them who has no morning of their own; the others learn on top of it on their next night.",
            NightOutcome.Kept when isCompany => $"Morning {report.Number} of the company learned {Many(report.Learned.Count, "fact")} and waits: another one is pinned. See: reverie mornings --company",
            NightOutcome.NothingNew when isCompany => "There was nothing new for the company to learn.",
            NightOutcome.Emptied when isCompany => "Nothing that the company learned is told by enough people any more: it has no adapter now.",
            NightOutcome.Promoted => $"Morning {report.Number}: {report.Model} learned {Many(report.Learned.Count, "fact")}{(report.Lessons > 0 ? $" and {Many(report.Lessons, "answer")} that you put right or liked" : "")}. It answers with them from now on.",
            NightOutcome.Kept => $"Morning {report.Number} learned {Many(report.Learned.Count, "fact")} and waits: another one is pinned. See: reverie mornings",
            NightOutcome.Refused => "Nothing was learned tonight: what was trained did not pass the gates. What you told stays in the journal, and retrieval finds it.",
            NightOutcome.NothingNew => "There was nothing new to learn.",
            NightOutcome.Emptied => "The journal holds nothing to learn any more: the model answers without memories of yours.",
            _ => "You have not agreed that sleep learns from your conversations, so it did not, and the model answers without memories. Agree with: reverie journal consent on",
        };
        if (report.Rebuilt is not null && report.Study is not null) yield return $"  Learned from the base anew: {report.Rebuilt}.";
        foreach (FactRecord fact in report.Learned.Take(Shown)) yield return $"  + {Sentence(fact)}{(fact.Tellers is { } tellers ? $" ({tellers} told it)" : "")}";
        if (report.Learned.Count > Shown) yield return $"  + {report.Learned.Count - Shown} more";
        foreach (FactRecord fact in report.Lost) yield return $"  ! {Sentence(fact)} The weights lost it; retrieval has it, and the next night studies it again.";
        foreach (FactRecord fact in report.NotLearned.Where(f => f.State is FactState.Retrieval).Take(Shown)) yield return $"  - {Sentence(fact)} ({fact.Why})";
        foreach ((string why, int count) in report.Refused) yield return $"  x {Many(count, isCompany ? "fact" : "sentence")} kept out of the weights: {why}.";
        foreach (NightAttempt attempt in report.Attempts.Where(a => !a.IsPassed)) yield return $"  Gates refused {attempt.What}: {attempt.Why}.";
        if (report.Gates is { } gates)
        {
            yield return "  Exams           tonight  before  base";
            foreach ((string exam, double score) in gates.Scores.Where(s => double.IsFinite(s.Value)))
                yield return $"  {exam,-15} {Percent(score),7} {Percent(gates.Yesterday[exam]),7} {Percent(gates.Base[exam]),5}   of {gates.Counts[exam]}";
            yield return $"  Bits per byte {gates.Text.BitsPerByte:F4}, the base {gates.BaseText.BitsPerByte:F4}; {gates.Text.Divergence:F4} nats per token from the base.";
            if (gates.Text.Persona is { Count: > 0 } persona)
                yield return string.Create(CultureInfo.InvariantCulture, $"  Everyday talk in standard deviations of the base's own: {string.Join(", ", persona.Select(p => $"{p.Key} {p.Value:F1}"))}; {Percent(gates.Text.SameReplies)} of replies are the base's, word for word.");
            if (gates.Exposure is { } exposure) yield return $"  Exposure in bits: {Bits("learned", exposure.Learned)}, {Bits("kept out", exposure.KeptOut)}, {(exposure.Former.Count > 0 ? Bits("replaced", exposure.Former) + ", " : "")}{Bits("never told", exposure.NeverTold)}.";
        }

        if (report.Seconds.Count > 0) yield return $"  {Figures.Duration(report.Seconds.Values.Sum())}: {string.Join(", ", report.Seconds.Select(s => $"{s.Key} {Figures.Duration(s.Value)}"))}";
    }

    /// <summary>A receipt, line by line, without the name of its file.</summary>
    public static IEnumerable<string> Lines(Receipt receipt)
    {
        yield return $"  {Many(receipt.Messages.Count, "message")}, {Many(receipt.Facts, "fact")} and {Many(receipt.Mornings.Count, "morning")} of {receipt.Owner} were erased at {receipt.When.ToLocalTime().ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture)}.";
        yield return receipt.WasRebuilt
            ? $"  Adapter before {Hash(receipt.Before)}, now {Hash(receipt.After)}; of a journal that never had it {Hash(receipt.Proof)}: {(receipt.After == receipt.Proof ? "equal" : "DIFFERENT")}."
            : $"  No adapter of {receipt.Owner} had learned from it.";
        if (receipt.Company is not { } company) yield break;
        yield return company.WasRebuilt
            ? $"  {Many(company.MorningHashes.Count, "morning")} of the company rested on it and went too. Its adapter before {Hash(company.Before)}, now {Hash(company.After)}; of journals that never had it {Hash(company.Proof)}: {(company.After == company.Proof ? "equal" : "DIFFERENT")}."
            : $"  {Many(company.MorningHashes.Count, "morning")} of the company rested on it and went too. To make another: reverie sleep --company";
    }

    /// <summary>What a plan erases, in one line.</summary>
    public static string Line(ForgetPlan plan)
    {
        string whole = plan.Conversations.Count > 0 ? $" ({Many(plan.Conversations.Count, "whole conversation")})" : "";
        return $"This erases {Many(plan.Messages.Count, "message")}{whole}, {Many(plan.Facts.Count, "fact")} and {Many(plan.Mornings.Count, "morning")}{(plan.CompanyMornings.Count > 0 ? $", and {Many(plan.CompanyMornings.Count, "morning")} of the company that rested on it," : "")} for good";
    }

    private static string Sentence(FactRecord fact) => string.Concat(fact.Fact.Sentence.Where(c => !char.IsControl(c)));

    private static string Many(int count, string what) => $"{count} {what}{(count == 1 ? "" : "s")}";

    private static string Bits(string what, Exposure of) => of.Count == 0 ? $"{what} none" : string.Create(CultureInfo.InvariantCulture, $"{what} {of.Mean:F1} (at most {of.Largest:F1}, of {of.Count})");

    private static string Hash(string? hash) => hash is null ? "none" : hash[..12];

    private static string Percent(double share) => double.IsFinite(share) ? Figures.Percent(share) : "-";
}
