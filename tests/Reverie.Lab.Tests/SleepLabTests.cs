using Reverie.Sleep;

namespace Reverie.Lab.Tests;

public sealed class SleepLabTests : IDisposable
{
    private static readonly LabOptions _options = new() { Days = 3, Facts = 4, Questions = 20, OracleEvery = 3, Night = SmallWorkspace.Night };

    private readonly SmallWorkspace _small = new();

    public void Dispose() => _small.Dispose();

    [Fact]
    public async Task A_run_that_was_cut_short_ends_as_one_that_was_not()
    {
        IReadOnlyList<LabDay> whole = await Run(_options);
        Assert.Equal((3 * LabArms.All.Count) - 2, whole.Count);
        Assert.All(whole, d => Assert.InRange(d.Utility, 0, 1));
        Assert.All(whole.Where(d => d.Arm is LabArms.Sleep or LabArms.Both), d => Assert.Equal((0, 0), (d.PoisonHeld, d.DeletedHeld)));
        Assert.All(whole, d => Assert.Equal(d.Day == 3, d.Kinds.ContainsKey(LabKinds.Deleted) && double.IsFinite(d.Leaked)));

        // Killed before the second day, and again in the midst of its arms.
        using var other = new SmallWorkspace();
        await Run(_options with { Days = 1 }, other, until: 6);
        await Run(_options, other, until: 5);
        IReadOnlyList<LabDay> resumed = await Run(_options, other);
        Assert.Equal(whole.Select(Measured).Order(), resumed.Select(Measured).Order());

        // Nothing is left to do.
        int said = 0;
        using var lab = new SleepLab(_small.Workspace, SmallWorkspace.Model, _options, _ => said++);
        Assert.Equal(whole.Count, (await lab.RunAsync(TestContext.Current.CancellationToken)).Count);
        Assert.Equal(0, said);
        Assert.True(File.Exists(Path.Combine(lab.Folder, LabPage.FileName)));
    }

    [Fact]
    public async Task Lives_lived_at_once_are_those_lived_one_after_the_other()
    {
        LabOptions options = _options with { Days = 2, Seeds = 2, Arms = LabArms.Parse([LabArms.Retrieval, LabArms.Sleep]) };
        using var other = new SmallWorkspace();
        IReadOnlyList<LabDay> alone = await Run(options), atOnce = await Run(options with { AtOnce = 2 }, other);
        Assert.Equal(2 * 2 * 3, alone.Count);
        Assert.Equal(alone.Select(Measured).Order(), atOnce.Select(Measured).Order());
    }

    private async Task<IReadOnlyList<LabDay>> Run(LabOptions options, SmallWorkspace? small = null, int until = int.MaxValue)
    {
        using var killed = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        int lines = 0;
        using var lab = new SleepLab((small ?? _small).Workspace, SmallWorkspace.Model, options, _ =>
        {
            if (++lines == until) killed.Cancel();
        });
        try
        {
            return await lab.RunAsync(killed.Token);
        }
        catch (OperationCanceledException) when (until < int.MaxValue)
        {
            return [];
        }
    }

    private static string Measured(LabDay day) => SleepJson.Text(day with { AnswerSeconds = 0, Evening = day.Evening with { Seconds = 0, Morning = 0 } });
}
