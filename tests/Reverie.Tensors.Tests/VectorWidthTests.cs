using System.Runtime.Intrinsics;
using Reverie.Tensors.Kernels;

namespace Reverie.Tensors.Tests;

/// <summary>How wide the vectors of this process are, and whether that is what <see cref="InstructionSetTests"/> wanted of it.</summary>
public sealed class VectorWidthTests
{
    /// <summary>The variable in which a repetition finds the width in bits that it must have.</summary>
    public const string Variable = "REVERIE_TEST_VECTORS";

    /// <summary>Whether this process is one of the repetitions.</summary>
    public static bool IsRepetition => Environment.GetEnvironmentVariable(Variable) is not null;

    /// <summary>Bits of the widest vectors that are instructions; 0 for none.</summary>
    public static int Widest => Vector512.IsHardwareAccelerated ? 512 : Vector256.IsHardwareAccelerated ? 256 : Vector128.IsHardwareAccelerated ? 128 : 0;

    [Fact]
    public void The_kernels_use_the_width_that_this_process_has()
    {
        if (IsRepetition) Assert.Equal(int.Parse(Environment.GetEnvironmentVariable(Variable)!), Widest);
        SimdPath most = Widest switch { 512 => SimdPath.Vector512, 256 => SimdPath.Vector256, 128 => SimdPath.Vector128, _ => SimdPath.Scalar };
        Assert.InRange(SimdSupport.Best, Widest >= 256 ? SimdPath.Vector256 : SimdPath.Scalar, most);
    }
}
