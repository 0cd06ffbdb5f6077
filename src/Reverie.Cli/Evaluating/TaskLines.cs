using Reverie.Evaluation;

namespace Reverie.Cli.Evaluating;

/// <summary>Results of tasks as people and programs read them.</summary>
internal static class TaskLines
{
    private static readonly string[] NoShares = ["perplexity", "byte_perplexity", "bits_per_byte"];

    /// <summary>Writes a line for each figure.</summary>
    public static void Write(TaskResult result, TextWriter text)
    {
        string shots = result.Shots > 0 ? $", {result.Shots} examples" : "";
        text.WriteLine($"  {result.Name}: {result.Asked} of {result.Documents}{shots}");
        foreach (Metric metric in result.Metrics)
        {
            string name = metric.Filter == "none" ? metric.Name : $"{metric.Name} {metric.Filter}";
            text.WriteLine($"    {name,-28} {Value(metric, metric.Value),7}{(double.IsFinite(metric.StandardError) ? $" ± {Value(metric, metric.StandardError)}" : "")}");
        }

        if (result.Truncated > 0) text.WriteLine($"    {result.Truncated} prompts were too long for the model's context and lost their beginning");
        if (result.Answers.Count > 0) WriteCalibration(Calibration.Measure(result.Answers), text);
    }

    /// <summary>Writes how sure the model was, and how rightly.</summary>
    public static void WriteCalibration(Calibration calibration, TextWriter text) => text.WriteLine(
        $"    calibration                  ECE {Figures.Percent(calibration.ExpectedError, 1)}, Brier {Figures.ThreeDigits(calibration.Brier)}, wrong and confident {Figures.Percent(calibration.WrongAndConfident, 1)}"
        + (calibration.Abstentions > 0 ? $", {calibration.Abstentions} abstentions" : ""));

    /// <summary>The figures by the harness's keys.</summary>
    public static Dictionary<string, double> Json(TaskResult result)
    {
        var figures = new Dictionary<string, double>();
        foreach (Metric metric in result.Metrics)
        {
            figures[$"{metric.Name},{metric.Filter}"] = metric.Value;
            figures[$"{metric.Name}_stderr,{metric.Filter}"] = metric.StandardError;
        }

        return figures;
    }

    /// <summary>The calibration's figures.</summary>
    public static object Json(Calibration calibration) => new
    {
        calibration.Answers,
        calibration.Abstentions,
        Ece = calibration.ExpectedError,
        calibration.Brier,
        calibration.WrongAndConfident,
        Bins = calibration.Bins.Where(b => b.Count > 0).Select(b => new { b.Low, b.High, b.Count, b.Confidence, b.Accuracy }),
    };

    private static string Value(Metric metric, double value) => NoShares.Contains(metric.Name) ? Figures.ThreeDigits(value) : Figures.Percent(value, 1);
}
