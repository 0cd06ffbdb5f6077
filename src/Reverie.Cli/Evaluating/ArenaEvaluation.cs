using Reverie.Cli.Chat;
using Reverie.Evaluation;
using Reverie.Models;
using Reverie.Tensors;
using Reverie.Worlds;

namespace Reverie.Cli.Evaluating;

/// <summary>Models against each other on the same tasks.</summary>
internal static class ArenaEvaluation
{
    /// <summary>The judge that needs no name.</summary>
    public const string Verifier = "verifier";

    /// <summary>A person at the terminal.</summary>
    public const string Person = "person";

    /// <summary>Stands before a judging model's name.</summary>
    public const string ModelPrefix = "model:";

    /// <summary>Plays, judges and shows the ladder.</summary>
    /// <returns>What goes into the JSON object.</returns>
    /// <exception cref="ReverieException">A model or suite is not there, or there is only one model.</exception>
    public static object Run(EvalOptions options, Terminal terminal, CancellationToken cancellation)
    {
        TextWriter text = terminal.Messages;
        if (options.Models.Count < 2) throw new ReverieException("An arena needs two models or more. Name another one after the first.");
        if (options.Suites.Any(s => s.Kind is not (EvalSuiteKind.Exams or EvalSuiteKind.Exam)))
            throw new ReverieException("The arena plays exams and task sets only. Leave the other suites out.");
        ITaskSet[] sets = options.Suites.Count == 0 ? [.. Primer.Exams] : [.. options.Suites.SelectMany(s => s.Sets()).DistinctBy(s => s.Name)];
        var items = new List<TaskItem>();
        var traces = new List<IReadOnlyList<Trace>>();
        var names = new List<string>();
        foreach (string name in options.Models)
        {
            using var model = ModelInUse.Open(options.Workspace, name, options.Threads, 64, options.Choice);
            names.Add(model.Name);
            text.WriteLine($"{model.Name} plays {string.Join(", ", sets.Select(s => s.Name))}");
            var actor = new ModelActor(model.Generator, new SamplingOptions { Temperature = options.Temperature });
            ExamRun[] runs = [.. sets.Select(set => ExamRun.Play(set, options.Split, options.Questions, actor, [model.Generator], model.Tokenizer, 1, options.ExamSeed, null, cancellation))];
            if (items.Count == 0) items.AddRange(runs.SelectMany(r => r.Items));
            traces.Add([.. runs.SelectMany(r => r.Traces.Select(t => t[0]))]);
        }

        using ModelInUse? judging = options.Judge.StartsWith(ModelPrefix, StringComparison.Ordinal) ? ModelInUse.Open(options.Workspace, options.Judge[ModelPrefix.Length..], options.Threads, 64) : null;
        IArenaJudge judge = judging is not null ? new ModelJudge(judging.Generator, judging.Tokenizer) : options.Judge == Person ? new PersonJudge(terminal) : new VerifierJudge();
        ModelArena arena = ModelArena.Play(names, items, traces, judge, options.ExamSeed, cancellation);
        IReadOnlyList<ArenaRating> ladder = arena.Ladder(options.ExamSeed);
        text.WriteLine($"{arena.Games.Count} games judged by {options.Judge}{(arena.Undecided > 0 ? $", {arena.Undecided} without a verdict" : "")}");
        foreach (ArenaRating rating in ladder)
            text.WriteLine($"  {rating.Player,-24} {Figures.Whole(rating.Rating),6} (95%: {Figures.Whole(rating.Low)} to {Figures.Whole(rating.High)})  {rating.Wins} won, {rating.Ties} tied, {rating.Losses} lost");
        return new
        {
            Arena = ladder.Select(r => new { Model = r.Player, r.Rating, r.Low, r.High, r.Wins, r.Ties, r.Losses }),
            options.Judge,
            Games = arena.Games.Count,
            arena.Undecided,
        };
    }
}
