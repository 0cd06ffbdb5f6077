using System.Diagnostics;
using System.Globalization;
using Reverie.Models;
using Reverie.Sleep;

namespace Reverie.Lab;

/// <summary>
/// LoRA on the day's chats as they stand, every token of them: no triage, no study material, no replay, no gates. Rank and batch are those of a
/// night; the rate is the one of 3e-4, 1e-3 and 3e-3 that served it best: at none of them it recalled a fact, and the higher ones ruin the base sooner.
/// </summary>
internal sealed class NaiveLearner(Bench bench, IJournal journal, string folder) : ILearner
{
    private const double Epochs = 10;
    private const int LeastSteps = 20;
    private const float LearningRate = 3e-4f;

    /// <inheritdoc/>
    public Adapter? Adapter { get; private set; }

    /// <inheritdoc/>
    public IReadOnlyList<FactRecord>? Held => null;

    /// <inheritdoc/>
    public bool IsReadyOn(int day) => true;

    /// <inheritdoc/>
    public async Task<Evening> LearnAsync(int day, Action<string, double>? progress, CancellationToken cancellation)
    {
        long started = Stopwatch.GetTimestamp();
        IReadOnlyList<Transcript> chats = await Transcript.ReadAsync(journal, LifeJournal.Owner, LifeClock.MorningOf(day), cancellation).ConfigureAwait(false);
        Adapter ??= new Adapter(bench.Model, bench.Night.Rank, bench.Night.Alpha, bench.Night.Seed);
        StudyDocument[] documents = [.. chats.SelectMany(Documents)];
        if (documents.Length > 0) bench.Model.Wear(Adapter, () => Train(documents, (ulong)day, progress, cancellation));
        // Yesterday's stays until today is finished.
        if (Directory.Exists(folder))
            foreach (string old in Directory.GetDirectories(folder).Where(f => f != FolderOf(day - 1))) AtomicFolder.Delete(old);
        Adapter.Save(FolderOf(day), new Lineage { Name = "naive", Version = day.ToString(CultureInfo.InvariantCulture), Parent = bench.BaseId }, bench.Name);
        return new Evening("trained", Stopwatch.GetElapsedTime(started).TotalSeconds, day, null);
    }

    /// <inheritdoc/>
    public void Restore(int day, Evening? evening)
    {
        Adapter?.Dispose();
        Adapter = day == 0 ? null : Adapter.Load(FolderOf(day), bench.Model, bench.BaseId);
    }

    /// <inheritdoc/>
    public void Dispose() => Adapter?.Dispose();

    private string FolderOf(int day) => Path.Combine(folder, day.ToString(CultureInfo.InvariantCulture));

    private long Train(StudyDocument[] documents, ulong seed, Action<string, double>? progress, CancellationToken cancellation)
    {
        int steps = Math.Max(LeastSteps, (int)Math.Ceiling(documents.Sum(d => (long)d.Tokens.Length) * Epochs / bench.Night.BatchTokens));
        var source = new StudySource([(documents, 1)], bench.Night.BatchTokens, replayWeight: 1, seed);
        return AdapterTraining.Run(bench.Model, bench.Kernels, source, steps, LearningRate, done => progress?.Invoke("studying raw chats", done), cancellation);
    }

    // A conversation that does not fit is read in pieces, each beginning with the person's turn.
    private IEnumerable<StudyDocument> Documents(Transcript chat)
    {
        var piece = new List<Message>();
        foreach (Message message in chat.Messages)
        {
            if (message.Role is Role.User && piece.Count > 0 && bench.CountTokens([.. piece, message], isPrompt: false) > bench.Model.Config.ContextLength / 2)
            {
                if (Document() is { } document) yield return document;
                piece.Clear();
            }

            piece.Add(message);
        }

        if (Document() is { } last) yield return last;

        StudyDocument? Document()
        {
            int[] tokens = [.. bench.Tokenizer.ChatTemplate.Render(piece, addGenerationPrompt: false).Tokens];
            return tokens.Length is 0 || tokens.Length > bench.Model.Config.ContextLength ? null : new StudyDocument(tokens, [.. tokens.Select(_ => 1f)], IsReplay: false);
        }
    }
}
