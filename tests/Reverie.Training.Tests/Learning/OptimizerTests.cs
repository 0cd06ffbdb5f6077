using Reverie.Tensors;

namespace Reverie.Training.Tests;

public sealed class OptimizerTests
{
    [Theory]
    [InlineData(24, 24)]
    [InlineData(40, 16)]
    [InlineData(16, 40)]
    public void Newton_Schulz_brings_every_singular_value_near_one(int rows, int columns)
    {
        using IKernels kernels = CpuKernels.Create(1);
        using var set = new ParameterSet([("w", ParameterKind.Matrix, rows, columns)]);
        using var muon = new Muon(kernels, set, p => [p.Value.Rows]);
        using var arena = new Arena();
        Tensor x = arena.Allocate(rows, columns);
        var random = new RandomStream(1, "x");
        foreach (ref float value in x.Span) value = (float)random.NextGaussian();
        Tensor y = muon.Orthogonalize(x);

        // With singular values in [0.6, 1.3], ||y v|| stays in that range for every unit vector v on the short side.
        for (int trial = 0; trial < 20; trial++)
        {
            bool tall = rows > columns;
            int side = Math.Min(rows, columns), other = Math.Max(rows, columns);
            double[] v = [.. Enumerable.Range(0, side).Select(_ => random.NextGaussian())];
            double length = Math.Sqrt(v.Sum(z => z * z)), sum = 0;
            for (int i = 0; i < other; i++)
            {
                double dot = 0;
                for (int j = 0; j < side; j++) dot += v[j] / length * (tall ? y.Row(i)[j] : y.Row(j)[i]);
                sum += dot * dot;
            }

            Assert.InRange(Math.Sqrt(sum), 0.6, 1.3);
        }
    }

    [Fact]
    public void AdamW_takes_the_step_computed_by_hand()
    {
        using IKernels kernels = CpuKernels.Create(1);
        using var set = new ParameterSet([("w", ParameterKind.Matrix, 1, 1), ("g", ParameterKind.Gain, 1, 1)]);
        using var adam = new AdamW(kernels, set, beta1: 0.9f, beta2: 0.99f, weightDecay: 0.1f);
        Tensor w = set["w"].Value, g = set["g"].Value;
        (w.Span[0], g.Span[0]) = (2f, 2f);
        (w.Gradient!.Span[0], g.Gradient!.Span[0]) = (0.5f, 0.5f);
        adam.Step(0.01f, 1f);
        // The first step is the sign of the gradient, whatever its size; only the matrix decays: 2 - 0.01 - 0.01 * 0.1 * 2.
        Assert.Equal(1.988, w.Span[0], 5);
        Assert.Equal(1.99, g.Span[0], 5);
    }

    [Fact]
    public void The_schedule_warms_up_holds_and_decays()
    {
        var schedule = new Schedule(1f, Steps: 100, WarmupSteps: 10, DecayFraction: 0.5, FinalFraction: 0.1);
        Assert.Equal(0.1f, schedule.At(0), 1e-6f);
        Assert.Equal(1f, schedule.At(9), 1e-6f);
        Assert.Equal(1f, schedule.At(50), 1e-6f);
        Assert.Equal(0.55f, schedule.At(75), 1e-6f);
        Assert.Equal(0.1f, schedule.At(100), 1e-6f);
    }
}
