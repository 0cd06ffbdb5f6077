namespace Reverie.Evaluation.Tests;

public class CalibrationTests
{
    [Fact]
    public void Every_figure_is_that_of_the_hand_computed_case()
    {
        ConfidentAnswer[] answers = [new(0.9, true), new(0.8, false), new(0.3, false), new(0.2, true), new(0.95, false, IsAbstention: true)];
        Calibration calibration = Calibration.Measure(answers, bins: 2, threshold: 0.75);
        Assert.Equal((4, 1), (calibration.Answers, calibration.Abstentions));

        // Upper bin: accuracy 1/2, confidence 0.85; lower bin: accuracy 1/2, confidence 0.25.
        Assert.Equal(0.5 * 0.35 + 0.5 * 0.25, calibration.ExpectedError, 12);
        Assert.Equal((0.01 + 0.64 + 0.09 + 0.64) / 4, calibration.Brier, 12);
        Assert.Equal(1.0 / 5, calibration.WrongAndConfident, 12);
        Assert.Equal([2, 2], calibration.Bins.Select(b => b.Count));
        Assert.Equal([0.25, 0.85], calibration.Bins.Select(b => Math.Round(b.Confidence, 10)));
        Assert.Equal([0.5, 0.5], calibration.Bins.Select(b => b.Accuracy));
    }

    [Fact]
    public void Edges_belong_to_the_bin_below_and_nothing_falls_out()
    {
        Calibration calibration = Calibration.Measure([new(0, false), new(0.5, true), new(1, true)], bins: 2);
        Assert.Equal([2, 1], calibration.Bins.Select(b => b.Count));
        Assert.Equal(0, Calibration.Measure([]).ExpectedError);
    }

    [Fact]
    public void Confidence_is_the_geometric_mean_of_the_tokens_or_the_share_among_choices()
    {
        Assert.Equal(0.2, Calibration.OfAnswer([MathF.Log(0.1f), MathF.Log(0.4f)]), 6);
        Assert.Equal(0.1, Calibration.OfFirstToken([MathF.Log(0.1f), MathF.Log(0.4f)]), 6);
        Assert.Equal(0, Calibration.OfAnswer([]));
        Assert.Equal(0.75, Calibration.OfChoice([Math.Log(0.03), Math.Log(0.01)], 0), 12);
    }
}
