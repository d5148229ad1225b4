package outbreakcase
import ("testing";"os")
func TestOracle(t *testing.T){ d:=os.Getenv("CASES"); if d=="" {t.Skip()}
 if _,err:=Folder(os.Stdout,d); err!=nil {t.Fatal(err)} }
